// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/property_list.hpp"
#include "bridge/model/disks.hpp"

#include <cstdint>

/// Value lists about disks (MS-CMRP 3.1.4.3.1.38 and 45, 2.2.3.8, 9 and 11).
namespace bridge::clusapi {

enum class disk_detail : std::uint8_t {
    plain,    ///< CLUS_PARTITION_INFO
    extended, ///< the disk's size, CLUS_PARTITION_INFO_EX
};

/// Whether the disk may be looked into: of one whose resource is not online the extended partition
/// structures name their devices and tell nothing else.
enum class disk_use : bool { offline, online };

/// The disk's values without the endmark: signature or GUID, SCSI address if it fits into bytes,
/// number, size (extended), partitions. A disk without a partition table has the signature 0.
void append_disk(buffer& out, const model::disk& disk, disk_detail detail, disk_use use);

/// CLUSDSK_DISKID of a disk with a signature or a GUID; empty: it has neither.
buffer encode_disk_key(const model::disk& disk);

} // namespace bridge::clusapi
