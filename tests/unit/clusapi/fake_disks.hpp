// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/disks.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace bridge::clusapi::test {

/// What a test lets the nodes tell.
class fake_disks final : public ports::disks {
public:
    std::map<std::string, model::node_disks, std::less<>> told;

    [[nodiscard]] std::shared_ptr<const model::node_disks>
    of(std::string_view node) const override {
        const auto found = told.find(node);
        return found == told.end() ? nullptr
                                   : std::make_shared<const model::node_disks>(found->second);
    }
};

/// "naa.60014050" with a GUID and a volume that is mounted at /srv/web.
inline model::disk gpt_disk() {
    model::disk d;
    d.id = "naa.60014050aabbccdd0011223344556677";
    d.names = {"/dev/sda", "/dev/disk/by-id/wwn-0x60014050aabbccdd0011223344556677"};
    d.number = 5;
    d.address = {3, 0, 1, 2};
    d.size = 0x140000000;
    d.layout = model::disk_layout::gpt;
    d.guid = "3f0c9a7e-64d1-4b58-8f3a-2c19d7e6b042";
    d.clusterable = true;
    model::disk_volume v;
    v.number = 1;
    v.names = {"/dev/sda1", "/dev/disk/by-uuid/0ab1"};
    v.size = 0x13FE00000;
    v.free = 0x12345678;
    v.id = "7d1b6c52-8f0e-4a3d-9c27-51e4a8b60f13";
    v.format = "ext4";
    v.label = "web";
    v.serial = 0xA1B2C3D4;
    v.file_system = true;
    v.damaged = false;
    v.mount_points = {"/srv/web"};
    d.volumes = {v};
    return d;
}

/// A disk with a signature and one volume that has no file system.
inline model::disk mbr_disk() {
    model::disk d;
    d.id = "naa.60014050aabbccdd0011223344556688";
    d.names = {"/dev/sdb"};
    d.number = 6;
    d.address = {300, 0, 0, 0};
    d.size = 1U << 20;
    d.layout = model::disk_layout::mbr;
    d.signature = 0x1234ABCD;
    d.clusterable = true;
    model::disk_volume v;
    v.number = 2;
    v.names = {"/dev/sdb2"};
    v.id = "c90d5b16-7a4e-5f82-a3c1-0e6d94b2587f";
    v.format = "RAW";
    d.volumes = {v};
    return d;
}

} // namespace bridge::clusapi::test
