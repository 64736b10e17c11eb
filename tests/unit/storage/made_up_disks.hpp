// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/disks.hpp"

#include <string>

namespace bridge::storage::test {

/// A disk with every field set, and one volume like it.
inline model::disk made_up_disk(const std::string& id = "naa.60014051") {
    model::disk d;
    d.id = id;
    d.names = {"/dev/sda", "/dev/disk/by-id/wwn-0x60014051"};
    d.number = 3;
    d.address = {2, 1, 4, 7};
    d.size = 1U << 30;
    d.sector_size = 4096;
    d.layout = model::disk_layout::gpt;
    d.signature = 0x12345678;
    d.guid = "3f0c9a7e-64d1-4b58-8f3a-2c19d7e6b042";
    d.system = true;
    d.clusterable = true;
    model::disk_volume v;
    v.number = 2;
    v.names = {"/dev/sda2"};
    v.offset = 1048576;
    v.size = 1U << 29;
    v.free = 4711;
    v.id = "7d1b6c52-8f0e-4a3d-9c27-51e4a8b60f13";
    v.format = "ext4";
    v.label = "Büro";
    v.serial = 0xA1B2C3D4;
    v.file_system = true;
    v.ignores_case = true;
    v.damaged = true;
    v.mount_points = {"/srv/files", "/export"};
    d.volumes = {v};
    return d;
}

} // namespace bridge::storage::test
