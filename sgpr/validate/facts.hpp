// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What a node knows about itself and its disks. Plain text and numbers: it travels between nodes
/// and into reports; whatever a device or another node said is shown, never trusted.
namespace sgpr::validate {

inline constexpr std::size_t max_disks = 1024;          ///< of one node
inline constexpr std::size_t max_paths_listed = 64;     ///< of one disk
inline constexpr std::size_t max_volumes = 128;         ///< of one disk
inline constexpr std::size_t max_designators_told = 64; ///< of one disk

/// One way from this node to the disk.
struct path_facts {
    std::string device{};      ///< "/dev/sg3"
    std::string block{};       ///< "sda", empty if there is none
    std::string address{};     ///< host:channel:target:lun
    std::string adapter{};     ///< driver of the host, such as "tcm_loop", "iscsi_tcp", "lpfc"
    std::string initiator{};   ///< TransportID for people, empty if the system does not tell
    std::string target_port{}; ///< relative target port identifier, empty if not told
    std::string serial{};      ///< VPD 80h as seen through this path
    std::uint64_t blocks = 0;
};

/// A partition, or the whole disk where there are none (number 0).
struct volume_facts {
    std::uint32_t number = 0;
    std::string file_system{}; ///< "ext4", "ntfs"..., empty: nothing that is known
    std::uint64_t bytes = 0;
};

/// One logical unit as one node sees it.
struct disk_facts {
    std::string id{}; ///< name of the unit as in VPD 83h ("naa.6001..."); empty: it has none
    std::string serial{};
    std::string vendor{};
    std::string product{};
    std::string revision{};
    std::string bus{}; ///< "iSCSI", "SAS", "Fibre Channel", "ATA", ..., empty if unknown
    std::uint64_t blocks = 0;
    std::uint32_t block_size = 0;
    std::string style{};              ///< "GPT", "MBR", "RAW"
    std::string signature{};          ///< GUID of a GPT disk, signature of an MBR disk
    std::string multipath{};          ///< name of the dm-multipath map, empty without one
    bool queues_without_path = false; ///< the map has queue_if_no_path
    bool write_protected = false;
    bool removable = false;
    std::vector<std::string> in_use{}; ///< why no test may change it, for people; empty: free
    std::vector<std::string>
        designators{}; ///< of the logical unit only (they are equal on all paths)
    std::vector<path_facts> paths{};
    std::vector<volume_facts> volumes{};
};

struct node_facts {
    std::string name{};
    std::string system{};    ///< distribution and release
    std::string kernel{};    ///< release
    std::string version{};   ///< of this program
    std::string multipath{}; ///< version of multipath-tools, empty if they are not there
    std::vector<disk_facts> disks{};
    std::vector<std::string> problems{}; ///< devices that could not be looked at, and why

    [[nodiscard]] const disk_facts* find(const std::string& id) const {
        for (const auto& one : disks) {
            if (one.id == id) {
                return &one;
            }
        }
        return nullptr;
    }
};

} // namespace sgpr::validate
