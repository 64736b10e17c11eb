// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/validate/local_agent.hpp"

#include <filesystem>
#include <set>
#include <string>

namespace sgpr::validate {

struct host_settings {
    std::string name; ///< of this node, empty: the host's
    /// Only these block devices ("sda"); empty: all that can be opened.
    std::set<std::string> only{};
    std::filesystem::path sysfs = "/sys";
    std::filesystem::path devices = "/dev";
};

/// The SCSI disks of this machine, grouped by VPD 83h, and what uses them.
class host_source final : public disk_source {
public:
    host_source(host_settings how, clock& time) : how_(std::move(how)), time_(time) {}

    [[nodiscard]] node_facts describe() override;
    [[nodiscard]] result<std::unique_ptr<transport>> open(const path_facts& which) override;
    [[nodiscard]] mounted mount(const disk_facts& which, logical_unit& unit) override;

private:
    host_settings how_;
    clock& time_;
};

/// File systems and partitions of a block device, through libblkid.
[[nodiscard]] std::vector<volume_facts> probe_volumes(const std::filesystem::path& device,
                                                      disk_facts& of);

/// Mounts the volumes of `which` in a mount namespace of this process.
[[nodiscard]] disk_source::mounted mount_volumes(const disk_facts& which,
                                                 const std::filesystem::path& devices);

} // namespace sgpr::validate
