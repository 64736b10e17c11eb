// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/cli/control_client.hpp"
#include "bridge/model/registry_tree.hpp"

#include <cstdint>
#include <filesystem>
#include <istream>
#include <string>

/// Where a whole registry comes from: a backup, a text dump, or the cluster.
namespace bridge::cli {

/// A backup that the daemon made beside its store, for us to read; removed with this object.
class exported_registry {
public:
    /// `stale`: also of a registry that is not active.
    static result<exported_registry> make(const control_client& daemon, bool stale);

    exported_registry(exported_registry&& other) noexcept;
    exported_registry& operator=(exported_registry&&) = delete;
    ~exported_registry();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::uint64_t index() const { return index_; }
    [[nodiscard]] bool stale() const { return stale_; } ///< it was not active

private:
    explicit exported_registry(std::filesystem::path path) : path_(std::move(path)) {}

    std::filesystem::path path_;
    std::uint64_t index_ = 0;
    bool stale_ = false;
};

/// What the cluster holds now.
[[nodiscard]] result<model::registry_tree> live_registry(const control_client& daemon, bool stale);

/// `name` is a backup, a text dump, "-" (a text dump from `input`) or "live".
[[nodiscard]] result<model::registry_tree> read_registry(const std::string& name,
                                                         const control_client& daemon,
                                                         std::istream& input, bool stale);

/// The same, but of a backup or a text dump only.
[[nodiscard]] result<model::registry_tree> read_registry_file(const std::filesystem::path& file);

/// Copies a file so that its name never stands for half of it: mode 0600, on the disk.
[[nodiscard]] result<void> copy_durably(const std::filesystem::path& from,
                                        const std::filesystem::path& to);

} // namespace bridge::cli
