// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The disks of a node as it knows them at one moment. Values; text is printable UTF-8.
namespace bridge::model {

// What a node tells of its disks at most; the rest is left out.
inline constexpr std::size_t max_node_disks = 512;
inline constexpr std::size_t max_disk_volumes = 128;
inline constexpr std::size_t max_device_names = 64; ///< of one disk or volume
inline constexpr std::size_t max_mount_points = 32; ///< of one volume
inline constexpr std::size_t max_disk_text = 512;   ///< bytes of one text

/// A partition, or the whole disk where that has a file system and no partition table.
struct disk_volume {
    std::uint32_t number = 0;         ///< of the partition, from 1
    std::vector<std::string> names{}; ///< "/dev/sda1" and other paths of its device
    std::uint64_t offset = 0;         ///< bytes from the disk's beginning
    std::uint64_t size = 0;           ///< bytes
    std::uint64_t free = 0;           ///< bytes; 0 where it is not mounted
    std::string id{};                 ///< GUID, lower-case, the same on every node
    std::string format{};             ///< "ext4", "NTFS", "LVM2_member"; "RAW": nothing known
    std::string label{};
    std::uint32_t serial = 0;      ///< made when it was formatted; 0: unknown
    bool file_system = false;      ///< `format` is one
    bool ignores_case = false;     ///< its file names have no case
    std::optional<bool> damaged{}; ///< what the file system says of itself, if it does
    std::vector<std::string> mount_points{};

    bool operator==(const disk_volume&) const = default;
};

enum class disk_layout : std::uint8_t {
    unknown, ///< nobody could look
    none,    ///< no partition table
    mbr,
    gpt,
};

/// As the kernel numbers it.
struct disk_address {
    std::uint32_t host = 0;
    std::uint32_t channel = 0;
    std::uint32_t target = 0;
    std::uint64_t unit = 0;

    bool operator==(const disk_address&) const = default;
};

struct disk {
    std::string id{};                      ///< "naa.6001405..." (VPD page 83h); else a device name
    std::vector<std::string> names{};      ///< "/dev/sda" and other paths of the whole disk
    std::uint32_t number = 0;              ///< place among the node's disks by identity, from 0
    std::optional<disk_address> address{}; ///< of its first path; nothing: not SCSI
    std::uint64_t size = 0;                ///< bytes
    std::uint32_t sector_size = 512;       ///< bytes
    disk_layout layout = disk_layout::unknown;
    std::uint32_t signature = 0; ///< MBR; 0: none
    std::string guid{};          ///< GPT; lower-case
    bool system = false;         ///< the node runs or starts from it
    bool clusterable = false;    ///< nothing keeps it from being a cluster's disk
    std::vector<disk_volume> volumes{};

    bool operator==(const disk&) const = default;
};

struct node_disks {
    std::vector<disk> disks{};

    bool operator==(const node_disks&) const = default;
};

} // namespace bridge::model
