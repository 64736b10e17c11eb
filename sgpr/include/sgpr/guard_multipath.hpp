// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/ownership.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sgpr {

struct multipath_gate_settings {
    std::filesystem::path sysfs = "/sys";
    /// multipathd's command socket; "@": abstract.
    std::string socket = "@/org/kernel/linux/storage/multipathd";
    /// For an answer. A defence that calls has seconds.
    std::chrono::milliseconds patience{500};
    /// What is taken out of its map, for the gate of the next guard should this one be killed;
    /// empty: nowhere. In a folder that a boot empties, and of this guard's alone.
    std::filesystem::path record{};
    std::function<void(std::string_view)> log{}; ///< may be empty
};

/// Keeps a path of a multipath map from I/O by taking it out of the map ("del path"): one that
/// stays in is reinstated by multipathd's own checker, registered or not. Never the last path of
/// a map. Paths that are in no map are left alone. The destructor puts back what it took, or what
/// an earlier gate of the same record did.
class multipath_gate final : public path_gate {
public:
    explicit multipath_gate(multipath_gate_settings settings = {});
    ~multipath_gate() override;
    multipath_gate(const multipath_gate&) = delete;
    multipath_gate& operator=(const multipath_gate&) = delete;

    /// `path`: /dev/sgN or /dev/sdX.
    void allow(const std::string& path) override;
    void block(const std::string& path) override;

private:
    [[nodiscard]] std::string disk_of(const std::string& path) const;
    [[nodiscard]] std::filesystem::path map_of(const std::string& disk) const;
    [[nodiscard]] std::optional<std::string> ask(const std::string& command) const;
    void read_record();
    void write_record() const;
    void log(const std::string& line) const;

    multipath_gate_settings settings_;
    std::map<std::string, std::string> taken_out_; ///< path to the disk's kernel name
};

} // namespace sgpr
