// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage/listed_disks.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace bridge::storage::test {

namespace {

TEST(ListedDisks, AreTheSameOnEveryNodeAndNumberedByIdentity) {
    const listed_disks demo(DEMO_DISKS);
    const auto disks = demo.of("1");
    ASSERT_TRUE(disks);
    EXPECT_EQ(disks, demo.of("2"));
    ASSERT_EQ(disks->disks.size(), 3U);
    for (std::uint32_t i = 0; i < 3; ++i)
        EXPECT_EQ(disks->disks[i].number, i);
    EXPECT_EQ(disks->disks[0].layout, model::disk_layout::gpt);
    EXPECT_EQ(disks->disks[0].volumes.at(0).mount_points, std::vector<std::string>{"/srv/files"});
    EXPECT_EQ(disks->disks[1].signature, 2712847316U);
    EXPECT_EQ(disks->disks[2].layout, model::disk_layout::none);
    EXPECT_FALSE(disks->disks[2].clusterable);
}

TEST(ListedDisks, AreNoneWithoutAFile) {
    EXPECT_TRUE(listed_disks().of("1")->disks.empty());
}

TEST(ListedDisks, NameWhatIsWrongWithTheirFile) {
    for (const char* bad : {"", "[]", "{\"disks\": 1}", "{\"disks\": [1]}", "{\"disks\": [{}]}",
                            "{\"disks\": [{\"id\": \"a\", \"bytes\": -1}]}",
                            "{\"disks\": [{\"id\": \"a\", \"guid\": \"b\"}]}",
                            "{\"disks\": [{\"id\": \"a\", \"scsi_address\": \"1:2\"}]}",
                            "{\"disks\": [{\"id\": \"a\", \"names\": [1]}]}",
                            "{\"disks\": [{\"id\": \"a\", \"volumes\": [{\"damaged\": 1}]}]}"})
        EXPECT_THROW((void)parse_disk_list(bad), std::runtime_error) << bad;
    EXPECT_THROW(listed_disks("/nowhere/disks.json"), std::runtime_error);
}

} // namespace

} // namespace bridge::storage::test
