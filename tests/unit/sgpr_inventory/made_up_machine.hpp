// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/fake/disk.hpp"
#include "sgpr/inventory.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sgpr::tests {

/// One SCSI device of the made-up machine.
struct made_up_device {
    std::string block{};   ///< "sda"
    std::string generic{}; ///< "sg0"; empty: none
    std::string address{}; ///< "2:0:0:0"
    fake::disk* unit = nullptr;
    fake::nexus_number nexus = 0;
    std::string above = "platform/host2"; ///< folders between sysfs' devices and the target
    std::string state = "running";
    bool page_83_kept = true; ///< the kernel has the page
    bool has_node = true;
};

/// sysfs, procfs and /dev in a folder of its own, and devices that are fakes. Removed at the end.
class made_up_machine {
public:
    made_up_machine();
    ~made_up_machine();
    made_up_machine(const made_up_machine&) = delete;
    made_up_machine& operator=(const made_up_machine&) = delete;

    void add(const made_up_device& device);
    /// A block device built on others; `uuid` as device-mapper's.
    void add_map(const std::string& name, const std::string& alias, const std::string& uuid,
                 const std::vector<std::string>& slaves);
    void add_partition(const std::string& disk, const std::string& name);
    /// A file below the root, folders made.
    void write(const std::string& file, std::string_view content);
    void link(const std::string& name, const std::string& to);
    /// The medium of a block device; else it is empty.
    void write_medium(const std::string& block, std::string_view content);

    [[nodiscard]] machine view() const;
    /// Times that a device node was opened.
    [[nodiscard]] std::size_t opened() const { return opened_; }

private:
    [[nodiscard]] std::filesystem::path at(const std::string& file) const { return root_ / file; }
    void add_block(const std::string& name, const std::string& folder);

    std::filesystem::path root_;
    std::map<std::string, made_up_device> nodes_;
    unsigned next_minor_ = 0;
    mutable std::size_t opened_ = 0;
};

} // namespace sgpr::tests
