// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/guard/guard_options.hpp"
#include "sgpr/guard/guarded_disk.hpp"

#include "sgpr/device_events.hpp"
#include "sgpr/guard.hpp"

#include <map>
#include <string>
#include <vector>

namespace sgpr::guards {

/// The paths of one disk as sysfs shows them, kept up with the kernel's events, and looked at from
/// time to time even without.
class guarded_paths final : public path_watch {
public:
    /// `unit` was opened at `where` as `options` say; it and `time` outlive this.
    guarded_paths(const guard_options& options, const disk_place& where, logical_unit& unit,
                  clock& time);

    /// Kernel names of the disk's paths, as sysfs has them now.
    [[nodiscard]] std::vector<std::string> disks() const { return find_disk(options_).names; }

    [[nodiscard]] int descriptor() const override { return events_.descriptor(); }
    [[nodiscard]] time_point due() const override { return due_; }
    std::vector<std::string> follow(time_point now) override;

private:
    /// What a path was when it was opened, so that another one of the same name is told from it.
    struct origin {
        std::string disk;             ///< "sda"; empty while the disk driver let go of it
        std::filesystem::path folder; ///< the SCSI device in sysfs
        std::optional<transport_id> initiator{}; ///< with the session, which may be renewed
    };

    [[nodiscard]] bool concerns(const device_events::taken& events) const;
    void remember(const std::string& device, const std::string& name);
    bool forget_gone(const std::map<std::string, std::string>& here, time_point now,
                     std::vector<std::string>& changed);
    void open_new(const std::map<std::string, std::string>& here, time_point now,
                  std::vector<std::string>& changed);
    bool open_one(const std::string& device);

    guard_options options_;
    logical_unit& unit_;
    clock& time_;
    device_events events_;
    std::map<std::string, origin> known_; ///< by path::name()
    struct trial {
        time_point next{};
        std::chrono::milliseconds wait{};
    };
    std::map<std::string, trial> failed_; ///< devices that could not be opened
    time_point due_{}; ///< at once: for what came before the events were listened to
};

} // namespace sgpr::guards
