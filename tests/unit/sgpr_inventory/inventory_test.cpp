// SPDX-License-Identifier: Apache-2.0
#include "sgpr/inventory.hpp"

#include "sgpr/persistent_reservation.hpp"
#include "tests/unit/sgpr_inventory/two_path_disk.hpp"

#include <gtest/gtest.h>

namespace sgpr::tests {
namespace {

const disk& only(const inventory& all) {
    EXPECT_EQ(all.disks.size(), 1U);
    return all.disks.at(0);
}

std::string mbr(std::uint32_t signature) {
    std::string sector(512, '\0');
    for (std::size_t i = 0; i < 4; ++i)
        sector[440 + i] = static_cast<char>(signature >> (8 * i));
    sector[446 + 4] = '\x83'; // one Linux partition of 1024 blocks from block 64 on
    sector[446 + 8] = 64;
    sector[446 + 13] = 4;
    sector[510] = '\x55';
    sector[511] = '\xaa';
    return sector;
}

TEST(Inventory, PutsThePathsOfOneLogicalUnitTogether) {
    two_path_disk t;
    const auto all = take_inventory(t.here.view(), t.time);
    const disk& found = only(all);
    EXPECT_EQ(found.id(), two_path_id);
    ASSERT_EQ(found.paths.size(), 2U);
    EXPECT_EQ(found.paths[0].block, "sda");
    EXPECT_EQ(found.paths[1].generic, "sg1");
    EXPECT_EQ(found.paths[1].target_port, 2);
    EXPECT_EQ(found.paths[0].initiator, sas_transport_id(0xa1));
    EXPECT_EQ(found.bus, bus_type::sas);
    EXPECT_EQ(found.size->blocks, 2048U);
    EXPECT_EQ(found.serial, "fake-0001");
    EXPECT_TRUE(found.flags.has(disk_flag::redundant)) << "no map holds the two paths";
    EXPECT_FALSE(found.clusterable());
}

TEST(Inventory, TakesADiskUnderOneMapAsClusterable) {
    two_path_disk t;
    t.here.add_map("dm-0", "mpatha", "mpath-36001405", {"sda", "sdb"});
    const auto all = take_inventory(t.here.view(), t.time);
    const disk& found = only(all);
    EXPECT_EQ(found.device(), "mpatha");
    EXPECT_TRUE(found.flags.has(disk_flag::multipath));
    EXPECT_TRUE(found.paths[1].in_map);
    EXPECT_TRUE(found.clusterable());
}

TEST(Inventory, SeesAPathOutsideOfTheMap) {
    two_path_disk t;
    t.here.add_map("dm-0", "mpatha", "mpath-36001405", {"sda"});
    const auto all = take_inventory(t.here.view(), t.time);
    EXPECT_TRUE(only(all).flags.has(disk_flag::redundant));
}

TEST(Inventory, CallsDifferentDisksOfOneNameACollision) {
    two_path_disk t;
    fake::disk twin({.serial = "fake-0002"});
    const auto nexus = twin.connect(sas_transport_id(0xa1), 1, "/dev/sg2");
    t.here.add(
        {.block = "sdc", .generic = "sg2", .address = "2:0:0:1", .unit = &twin, .nexus = nexus});
    const auto all = take_inventory(t.here.view(), t.time);
    EXPECT_TRUE(only(all).flags.has(disk_flag::collision));
}

TEST(Inventory, AsksNothingForNamesThatTheKernelKeeps) {
    two_path_disk t;
    const auto all = take_inventory(t.here.view(), t.time, inventory_depth::names);
    EXPECT_EQ(only(all).paths.size(), 2U);
    EXPECT_EQ(t.here.opened(), 0U);
}

TEST(Inventory, AsksADeviceWhoseNameTheKernelDoesNotKeep) {
    made_up_machine here;
    virtual_clock time;
    fake::disk unit;
    const auto nexus = unit.connect(sas_transport_id(0xa1), 1, "/dev/sg0");
    here.add({.block = "sda",
              .generic = "sg0",
              .address = "2:0:0:0",
              .unit = &unit,
              .nexus = nexus,
              .page_83_kept = false});
    const auto all = take_inventory(here.view(), time, inventory_depth::names);
    EXPECT_EQ(only(all).id(), two_path_id);
}

TEST(Inventory, SkipsDevicesThatHaveNoNodeOrMayNotBeOpened) {
    two_path_disk t;
    t.here.add({.block = "sdc", .generic = "sg2", .address = "4:0:0:0"});
    t.here.add({.block = "sdd", .generic = "sg3", .address = "4:0:0:1", .has_node = false});
    const auto all = take_inventory(t.here.view(), t.time);
    EXPECT_EQ(all.disks.size(), 1U);
    ASSERT_EQ(all.skipped.size(), 2U);
    EXPECT_EQ(all.skipped[0].name, "sdc");
    EXPECT_NE(all.skipped[0].why.find("permission"), std::string::npos);
    EXPECT_NE(all.skipped[1].why.find("node"), std::string::npos);
}

TEST(Inventory, SendsNothingToAPathThatTheKernelCallsOffline) {
    made_up_machine here;
    virtual_clock time;
    fake::disk unit;
    const auto nexus = unit.connect(sas_transport_id(0xa1), 1, "/dev/sg0");
    here.add({.block = "sda",
              .generic = "sg0",
              .address = "2:0:0:0",
              .unit = &unit,
              .nexus = nexus,
              .state = "offline"});
    const auto before = unit.commands_seen(nexus);
    const auto all = take_inventory(here.view(), time);
    EXPECT_EQ(unit.commands_seen(nexus), before);
    EXPECT_FALSE(only(all).paths[0].live);
    EXPECT_EQ(only(all).id(), two_path_id);
}

TEST(Inventory, ReadsSignatureAndPartitions) {
    two_path_disk t;
    t.here.write_medium("sda", mbr(0x1234abcd));
    const auto all = take_inventory(t.here.view(), t.time);
    const disk& found = only(all);
    EXPECT_EQ(found.content.style, partition_style::mbr);
    EXPECT_EQ(found.content.signature, 0x1234abcdU);
    EXPECT_EQ(found.content.partitions, 1U);
}

TEST(Inventory, ReadsAnEmptyMediumAsWithoutPartitionTable) {
    two_path_disk t;
    const auto all = take_inventory(t.here.view(), t.time);
    EXPECT_EQ(only(all).content.style, partition_style::none);
    EXPECT_FALSE(only(all).content.signature);
}

TEST(Inventory, TakesASignatureOfZeroAsNone) {
    two_path_disk t;
    t.here.write_medium("sda", mbr(0));
    const auto all = take_inventory(t.here.view(), t.time);
    EXPECT_EQ(only(all).content.style, partition_style::mbr);
    EXPECT_FALSE(only(all).content.signature);
}

/// A superblock of ext2: its magic number, and its state with the bit "errors were found".
std::string ext2(std::string_view label, bool with_errors) {
    std::string content(4096, '\0');
    constexpr std::size_t superblock = 1024;
    content[superblock + 0x38] = '\x53';
    content[superblock + 0x39] = '\xEF';
    content[superblock + 0x3A] = with_errors ? '\x03' : '\x01';
    content.replace(superblock + 0x78, label.size(), label);
    return content;
}

TEST(Inventory, ReadsTheVolumesOfAPartitionTable) {
    two_path_disk t;
    t.here.write_medium("sda", mbr(0x1234abcd));
    t.here.add_partition("sda", "sda1");
    t.here.write_medium("sda1", ext2("data", true));
    t.here.write("proc/self/mountinfo", "20 1 8:2 / /srv/data rw - ext2 /dev/sda1 rw\n");
    const auto all = take_inventory(t.here.view(), t.time);
    ASSERT_EQ(only(all).volumes.size(), 1U);
    const disk_volume& found = only(all).volumes[0];
    EXPECT_EQ(found.number, 1U);
    EXPECT_EQ(found.block, "sda1");
    EXPECT_EQ(found.id, "1234abcd-01");
    EXPECT_GT(found.offset, 0U);
    EXPECT_GT(found.length, 0U);
    EXPECT_EQ(found.format, "ext2");
    EXPECT_TRUE(found.file_system);
    EXPECT_EQ(found.label, "data");
    EXPECT_EQ(found.damaged, true);
    EXPECT_EQ(found.mount_points, std::vector<std::string>{"/srv/data"});
}

TEST(Inventory, ReadsAVolumeThatTheKernelHasNoDeviceForAsAPlaceAlone) {
    two_path_disk t;
    t.here.write_medium("sda", mbr(0x1234abcd));
    const auto all = take_inventory(t.here.view(), t.time);
    ASSERT_EQ(only(all).volumes.size(), 1U);
    EXPECT_TRUE(only(all).volumes[0].block.empty());
    EXPECT_TRUE(only(all).volumes[0].format.empty());
}

TEST(Inventory, TakesAFileSystemOnTheWholeDiskForItsOnlyVolume) {
    two_path_disk t;
    t.here.write_medium("sda", ext2("whole", false));
    const auto all = take_inventory(t.here.view(), t.time);
    ASSERT_EQ(only(all).volumes.size(), 1U);
    const disk_volume& found = only(all).volumes[0];
    EXPECT_EQ(found.number, 1U);
    EXPECT_EQ(found.offset, 0U);
    EXPECT_EQ(found.length, 1U << 20);
    EXPECT_EQ(found.label, "whole");
    EXPECT_EQ(found.damaged, false);
}

TEST(Inventory, FindsNoVolumeOnAnEmptyDisk) {
    two_path_disk t;
    EXPECT_TRUE(only(take_inventory(t.here.view(), t.time)).volumes.empty());
}

TEST(Inventory, KnowsALeaseAreaOfSbd) {
    two_path_disk t;
    t.here.write_medium("sda", "SBD_SBD_");
    const auto all = take_inventory(t.here.view(), t.time);
    EXPECT_TRUE(only(all).flags.has(disk_flag::clustered_elsewhere));
}

TEST(Inventory, KnowsTheSystemsDiskThroughPartitionAndVolume) {
    two_path_disk t;
    t.here.add_partition("sda", "sda1");
    t.here.add_map("dm-1", "vg-root", "LVM-abc", {"sda1"});
    t.here.write("proc/self/mountinfo",
                 "25 1 0:22 / / rw - btrfs /dev/mapper/vg-root rw\n"
                 "26 25 8:2 / /boot rw,relatime shared:1 - ext4 /dev/sda1 rw\n");
    t.here.write("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n"
                               "/swapfile\tfile\t1024\t0\t-2\n");
    const auto all = take_inventory(t.here.view(), t.time);
    const disk& found = only(all);
    EXPECT_TRUE(found.flags.has(disk_flag::system));
    EXPECT_TRUE(found.flags.has(disk_flag::boot));
    EXPECT_TRUE(found.flags.has(disk_flag::pagefile)) << "the swap file is on /";
    EXPECT_TRUE(found.flags.has(disk_flag::system_bus));
    EXPECT_EQ(found.mount_points, (std::vector<std::string>{"/", "/boot"}));
    EXPECT_FALSE(found.clusterable());
}

TEST(Inventory, TellsAForeignReservationFromAnOwnOne) {
    two_path_disk t;
    path other(t.disk.open(t.other), t.time);
    constexpr auto type = reservation_type::write_exclusive_registrants_only;
    ASSERT_TRUE(register_key(other, no_key, key(0xb1)));
    ASSERT_TRUE(reserve(other, key(0xb1), type));
    const auto foreign = take_inventory(t.here.view(), t.time);
    EXPECT_TRUE(only(foreign).flags.has(disk_flag::clustered_elsewhere));

    ASSERT_TRUE(clear(other, key(0xb1)));
    path mine(t.disk.open(0), t.time);
    ASSERT_TRUE(register_key(mine, no_key, key(0xa1)));
    ASSERT_TRUE(reserve(mine, key(0xa1), type));
    const auto own = take_inventory(t.here.view(), t.time);
    EXPECT_FALSE(only(own).flags.has(disk_flag::clustered_elsewhere));
}

TEST(Inventory, RefusesADiskWithoutReservationsOrWithWriteProtection) {
    auto without = fake::profile::strict();
    without.reservations = false;
    two_path_disk t(without);
    t.disk.set_write_protected(true);
    const auto all = take_inventory(t.here.view(), t.time);
    EXPECT_TRUE(only(all).flags.has(disk_flag::no_reservations));
    EXPECT_TRUE(only(all).flags.has(disk_flag::read_only));
}

TEST(DiskName, LeadsToTheDiskInEveryForm) {
    two_path_disk t;
    t.here.add_map("dm-0", "mpatha", "mpath-36001405", {"sda", "sdb"});
    t.here.link("dev/disk/by-path/pci-lun-0", "dev/sdb");
    const auto here = t.here.view();
    const auto all = take_inventory(here, t.time, inventory_depth::names);
    for (const char* name :
         {"naa.60014050000000000000000000000001", "NAA.60014050000000000000000000000001",
          "wwn-0x60014050000000000000000000000001",
          "/dev/disk/by-id/wwn-0x60014050000000000000000000000001",
          "scsi-360014050000000000000000000000001", "360014050000000000000000000000001",
          "0x60014050000000000000000000000001", "60014050000000000000000000000001",
          "dm-uuid-mpath-360014050000000000000000000000001", "sda", "/dev/sdb", "sg1", "/dev/sg0",
          "3:0:0:0", "dm-0", "/dev/dm-0", "mpatha", "/dev/mapper/mpatha",
          "/dev/disk/by-path/pci-lun-0"}) {
        EXPECT_TRUE(find_disk(all, here, name)) << name;
    }
    for (const char* name : {"", "sdz", "naa.6001405000000000000000000000000", "2:0:0", "mpath"})
        EXPECT_EQ(find_disk(all, here, name).error().why, lookup_failure::reason::unknown) << name;
}

TEST(DiskName, OfAPartitionOrVolumeIsRefusedAndNamesTheDisk) {
    two_path_disk t;
    t.here.add_partition("sda", "sda1");
    t.here.add_map("dm-1", "vg-data", "LVM-abc", {"sda1"});
    const auto here = t.here.view();
    const auto all = take_inventory(here, t.time, inventory_depth::names);
    const auto partition = find_disk(all, here, "/dev/sda1");
    EXPECT_EQ(partition.error().why, lookup_failure::reason::partition);
    EXPECT_NE(partition.error().text.find("name sda"), std::string::npos);
    const auto volume = find_disk(all, here, "/dev/mapper/vg-data");
    EXPECT_EQ(volume.error().why, lookup_failure::reason::stacked);
    EXPECT_NE(volume.error().text.find("sda1"), std::string::npos);
}

TEST(OpenUnit, HasEveryPathAndLeavesOutWhatLeadsElsewhereNow) {
    two_path_disk t;
    const auto here = t.here.view();
    auto all = take_inventory(here, t.time, inventory_depth::names);
    auto opened = open_unit(all.disks.at(0), here, t.time);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->names, (std::vector<std::string>{"sda", "sdb"}));

    fake::disk another({.identity = 7});
    const auto nexus = another.connect(sas_transport_id(0xa1), 1, "/dev/sg2");
    t.here.add(
        {.block = "sdc", .generic = "sg2", .address = "2:0:0:1", .unit = &another, .nexus = nexus});
    all.disks[0].paths.push_back({.block = "sdc", .node = here.dev / "sg2"});
    opened = open_unit(all.disks.at(0), here, t.time);
    ASSERT_TRUE(opened);
    ASSERT_EQ(opened->left_out.size(), 1U);
    EXPECT_EQ(opened->left_out[0].path, "sdc");
}

} // namespace
} // namespace sgpr::tests
