// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/disk.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// What sysfs says about disks, without asking one.
namespace sgpr {

/// One device that the kernel drives: not a partition, nor built on another.
struct kernel_disk {
    std::string block{};
    std::string generic{}; ///< empty where there is none
    std::optional<scsi_address> address{};
    std::filesystem::path folder{}; ///< of the device, canonical
    std::string state{};
    bool removable = false;
    std::uint64_t bytes = 0;
    std::uint32_t logical_block_size = 0;
    std::uint32_t physical_block_size = 0;
    std::string model{};  ///< the kernel's word, for devices that do not speak SCSI
    std::string serial{}; ///< the same
    std::optional<std::vector<std::uint8_t>> page_83{}; ///< as the kernel keeps it
};

/// SCSI disks (peripheral device types 00h and 0Eh) and disks without SCSI; no optical drives, no
/// hidden paths of NVMe. Kernel names ascend naturally: sdb before sdaa.
[[nodiscard]] std::vector<kernel_disk> kernel_disks(const std::filesystem::path& sysfs);

[[nodiscard]] std::vector<multipath_map> multipath_maps(const std::filesystem::path& sysfs);

/// From the folders above the device.
[[nodiscard]] bus_type bus_above(const kernel_disk& device);

/// The bus's and adapter's names for people: the PCI device's out of the system's hardware
/// database, else the driver's.
[[nodiscard]] std::string adapter_of(const kernel_disk& device, const std::filesystem::path& sysfs);

} // namespace sgpr
