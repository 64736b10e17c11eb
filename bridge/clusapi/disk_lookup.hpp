// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/disks.hpp"
#include "bridge/model/snapshot.hpp"
#include "bridge/win32/guid.hpp"

#include <set>
#include <string>
#include <string_view>

/// Which disk is meant: by a resource, by a path, by an identifier of Windows'. Pointers live as
/// long as the disks that were given.
namespace bridge::clusapi {

/// The page 83h identity that a name stands for ("wwn-0x6001...", "36001..." of udev, "naa.6001..."
/// itself), as the agent ocf:clusbridge:disk reads it; empty: it stands for none.
std::string identity_in(std::string_view name);

/// The disk of a Physical Disk resource: the one that its DiskPath, DiskIdGuid or DiskSignature
/// names, in this order; null: none of these disks.
const model::disk* disk_of(const model::node_disks& disks, const model::resource& resource);

/// The disks that resources of the cluster have already: Physical Disk resources by what names
/// their disk, others (file systems, volumes) by a parameter that is the path of a disk's or
/// volume's device.
std::set<const model::disk*> used_disks(const model::node_disks& disks,
                                        const model::snapshot& cluster);

struct place {
    const model::disk* disk = nullptr;
    const model::disk_volume* volume = nullptr;
};

/// Where a path is, by the deepest mount point above it; both null: on none of these disks. A file
/// system that is on no disk (NFS, say) but mounted below one that is counts as that one.
place place_of(const model::node_disks& disks, std::string_view path);

/// CLUSDSK_DISKID (MS-CMRP 2.2.3.33).
struct disk_key {
    std::uint32_t type = 0; ///< 1: signature, 2: GUID, 5000: unknown
    std::uint32_t signature = 0;
    win32::guid guid{};
};
const model::disk* find_disk(const model::node_disks& disks, const disk_key& key);

} // namespace bridge::clusapi
