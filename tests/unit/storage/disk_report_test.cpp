// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage/disk_report.hpp"

#include "tests/unit/storage/made_up_disks.hpp"

#include <gtest/gtest.h>

namespace bridge::storage::test {

namespace {

TEST(DiskReport, BringsEveryFieldOver) {
    model::node_disks sent{{made_up_disk(), model::disk{}}};
    sent.disks[1].volumes.resize(1);
    const auto got = decode_report(encode_report(7, sent), 7);
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, sent);
}

TEST(DiskReport, IsOnlyAboutItsSender) {
    EXPECT_FALSE(decode_report(encode_report(7, {}), 8));
    EXPECT_TRUE(decode_report(encode_report(7, {}), 7));
}

TEST(DiskReport, IsRefusedWhenCutAnywhereOrTooLong) {
    auto bytes = encode_report(7, {{made_up_disk()}});
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_report(std::span(bytes).first(size), 7)) << size;
    bytes.push_back(std::byte{0});
    EXPECT_FALSE(decode_report(bytes, 7));
}

TEST(DiskReport, IsRefusedWithTextThatIsNotPrintableUtf8) {
    for (const char* bad : {"a\nb", "\x7F", "\xC3", "\xED\xA0\x80"}) {
        model::disk disk = made_up_disk();
        disk.volumes[0].label = bad;
        EXPECT_FALSE(decode_report(encode_report(7, {{disk}}), 7)) << bad;
    }
}

TEST(DiskReport, IsRefusedAboveItsLimits) {
    model::disk disk = made_up_disk();
    disk.names.assign(model::max_device_names + 1, "/dev/sda");
    EXPECT_FALSE(decode_report(encode_report(7, {{disk}}), 7));
    disk = made_up_disk();
    disk.guid.assign(model::max_disk_text + 1, 'a');
    EXPECT_FALSE(decode_report(encode_report(7, {{disk}}), 7));
    model::node_disks many;
    many.disks.assign(model::max_node_disks + 1, model::disk{});
    EXPECT_FALSE(decode_report(encode_report(7, many), 7));
}

TEST(DiskReport, BoundedIsWhatTheOthersTake) {
    model::disk disk = made_up_disk();
    disk.id = std::string("naa\n") + std::string(2000, 'x');
    disk.names.assign(1000, "/dev/sda");
    disk.names[1] = std::string(1000, 'y');
    disk.volumes.assign(model::max_disk_volumes + 1, disk.volumes[0]);
    disk.volumes[0].label = "\xFF\x01label";
    disk.volumes[0].mount_points = {"/srv/\xC3", "/ok"};
    model::node_disks all;
    all.disks.assign(100, disk);
    const auto fitting = bounded(all);
    EXPECT_FALSE(fitting.disks.empty());
    const auto bytes = encode_report(7, fitting);
    EXPECT_LE(bytes.size(), max_report_bytes);
    const auto got = decode_report(bytes, 7);
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, fitting);
    EXPECT_EQ(got->disks[0].volumes[0].label, "\xEF\xBF\xBD?label");
    EXPECT_EQ(got->disks[0].volumes[0].mount_points, std::vector<std::string>{"/ok"});
}

} // namespace

} // namespace bridge::storage::test
