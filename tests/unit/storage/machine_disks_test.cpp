// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage/machine_disks.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <stop_token>
#include <unistd.h>

namespace bridge::storage::test {

namespace {

namespace fs = std::filesystem;

class folder {
public:
    folder() : where_(fs::temp_directory_path() / ("disks." + std::to_string(::getpid()))) {
        fs::remove_all(where_);
        fs::create_directories(where_);
    }
    ~folder() { fs::remove_all(where_); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    void link(const std::string& name, const std::string& target) const {
        fs::create_directories((where_ / name).parent_path());
        fs::create_symlink(target, where_ / name);
    }
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories((where_ / name).parent_path());
        std::ofstream(where_ / name) << text;
    }
    [[nodiscard]] const fs::path& path() const { return where_; }

private:
    fs::path where_;
};

sgpr::disk found_disk() {
    sgpr::disk d;
    d.paths = {{.block = "sda", .generic = "sg0", .address = sgpr::scsi_address{2, 0, 1, 5}},
               {.block = "sdb", .generic = "sg1", .address = sgpr::scsi_address{3, 0, 1, 5}}};
    d.size = sgpr::capacity{.blocks = 2048, .block_size = 4096};
    d.content.style = sgpr::partition_style::gpt;
    d.content.guid = "3F0C9A7E-64D1-4B58-8F3A-2C19D7E6B042";
    return d;
}

sgpr::disk_volume found_volume(std::string format, std::string uuid, std::string version = {}) {
    sgpr::disk_volume v;
    v.number = 1;
    v.format = std::move(format);
    v.version = std::move(version);
    v.uuid = std::move(uuid);
    return v;
}

model::disk_volume shown(const sgpr::disk_volume& volume) {
    sgpr::disk d = found_disk();
    d.volumes = {volume};
    return to_model(d, {}).volumes.at(0);
}

TEST(MachineDisks, KeepWhatTheInventoryFound) {
    const folder dev;
    dev.link("disk/by-id/wwn-0x60014051", "../../sda");
    dev.link("disk/by-partuuid/abc", "../../sda1");
    dev.link("mapper/mpatha", "../dm-0");
    sgpr::disk found = found_disk();
    found.flags.add(sgpr::disk_flag::boot);
    found.volumes = {found_volume("xfs", "a1b2c3d4-0000-0000-0000-000000000000")};
    found.volumes[0].block = "sda1";
    const model::disk d = to_model(found, links_below(dev.path()));
    EXPECT_EQ(d.names, (std::vector<std::string>{"/dev/sda", "/dev/disk/by-id/wwn-0x60014051",
                                                 "/dev/sg0", "/dev/sdb", "/dev/sg1"}));
    EXPECT_EQ(d.address, (model::disk_address{2, 0, 1, 5}));
    EXPECT_EQ(d.size, 2048U * 4096U);
    EXPECT_EQ(d.sector_size, 4096U);
    EXPECT_EQ(d.guid, "3f0c9a7e-64d1-4b58-8f3a-2c19d7e6b042");
    EXPECT_TRUE(d.system);
    EXPECT_EQ(d.volumes.at(0).names,
              (std::vector<std::string>{"/dev/sda1", "/dev/disk/by-partuuid/abc"}));
}

TEST(MachineDisks, NameAMapBeforeItsPaths) {
    const folder dev;
    dev.link("mapper/mpatha", "../dm-0");
    sgpr::disk found = found_disk();
    found.map = sgpr::multipath_map{.name = "dm-0", .alias = "mpatha", .slaves = {"sda", "sdb"}};
    const model::disk d = to_model(found, links_below(dev.path()));
    EXPECT_EQ(d.names.at(0), "/dev/dm-0");
    EXPECT_EQ(d.names.at(1), "/dev/mapper/mpatha");
}

TEST(MachineDisks, CallFileSystemsAndSerialNumbersAsWindowsDoes) {
    EXPECT_EQ(shown(found_volume("ntfs", "01D3A2B4C5D6E7F8")).format, "NTFS");
    EXPECT_EQ(shown(found_volume("ntfs", "01D3A2B4C5D6E7F8")).serial, 0xC5D6E7F8U);
    EXPECT_EQ(shown(found_volume("vfat", "ABCD-1234", "FAT32")).format, "FAT32");
    EXPECT_EQ(shown(found_volume("vfat", "ABCD-1234", "FAT16")).format, "FAT");
    EXPECT_EQ(shown(found_volume("vfat", "ABCD-1234")).serial, 0xABCD1234U);
    EXPECT_EQ(shown(found_volume("ext4", "a1b2c3d4-0000-0000-0000-0123456789ab")).serial,
              0xA1B2C3D4U);
    EXPECT_EQ(shown(found_volume("", "")).format, "RAW");
    EXPECT_EQ(shown(found_volume("LVM2_member", "")).format, "LVM2_member");
}

TEST(MachineDisks, GiveAVolumeItsPartitionsGuidOrOneThatEveryNodeDerives) {
    auto volume = found_volume("xfs", "");
    volume.id = "7D1B6C52-8F0E-4A3D-9C27-51E4A8B60F13";
    EXPECT_EQ(shown(volume).id, "7d1b6c52-8f0e-4a3d-9c27-51e4a8b60f13");
    volume.id = "1234abcd-01"; // of a master boot record
    const std::string derived = shown(volume).id;
    EXPECT_EQ(derived.size(), 36U);
    EXPECT_EQ(shown(volume).id, derived);
    volume.number = 2;
    EXPECT_NE(shown(volume).id, derived);
}

TEST(MachineDisks, KeepNoBytesOfADiskThatAreNoText) {
    auto volume = found_volume("ext4", "");
    volume.label = "\x01\xFFname";
    EXPECT_EQ(shown(volume).label, "?\xEF\xBF\xBDname");
}

TEST(MachineDisks, AreNoneWhereSysfsIsEmpty) {
    const folder root;
    const sgpr::machine here{
        .sysfs = root.path() / "sys", .proc = root.path() / "proc", .dev = root.path() / "dev"};
    EXPECT_TRUE(read_machine_disks(here, {}).disks.empty());
}

TEST(MachineDisks, AGlanceSeesNewDevicesAndMounts) {
    const folder root;
    const sgpr::machine here{.sysfs = root.path() / "sys", .proc = root.path() / "proc"};
    const std::string first = glance_at(here);
    EXPECT_EQ(glance_at(here), first);
    root.write("sys/kernel/uevent_seqnum", "17\n");
    const std::string second = glance_at(here);
    EXPECT_NE(second, first);
    root.write("proc/self/mountinfo", "1 2 3:4 / / rw - ext4 /dev/sda1 rw\n");
    EXPECT_NE(glance_at(here), second);
}

} // namespace

} // namespace bridge::storage::test
