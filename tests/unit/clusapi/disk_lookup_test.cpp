// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/disk_lookup.hpp"

#include "tests/unit/clusapi/fake_disks.hpp"

#include <gtest/gtest.h>

namespace bridge::clusapi::test {

namespace {

model::resource with(std::string name, model::property_value value) {
    model::resource out;
    out.class_ = model::resource_class::storage;
    const auto format = std::holds_alternative<std::uint32_t>(value) ? model::property_format::dword
                                                                     : model::property_format::sz;
    out.private_properties = {{std::move(name), format, std::move(value)}};
    return out;
}

const model::node_disks both{{gpt_disk(), mbr_disk()}};

std::string disk_named(std::string name, model::property_value value) {
    const model::disk* found = disk_of(both, with(std::move(name), std::move(value)));
    return found ? found->id : "none";
}

TEST(DiskLookup, ReadsEveryFormOfAnIdentity) {
    constexpr std::string_view digits = "60014050aabbccdd0011223344556677";
    const std::string id = "naa." + std::string(digits);
    for (const char* form : {"naa.", "wwn-0x", "0x", "scsi-3", "3", "", "dm-uuid-mpath-3", "NAA."})
        EXPECT_EQ(identity_in(form + std::string(digits)), id) << form;
    EXPECT_EQ(identity_in("20123456789abcdef"), "eui.0123456789abcdef");
    EXPECT_EQ(identity_in("30123456789ABCDEF"), "naa.0123456789abcdef");
    EXPECT_EQ(identity_in("t10.Vendor  Model"), "t10.Vendor  Model");
    for (const char* none : {"", "sda", "0x", "3", "60014050", "wwn-0xzz014050aabbccdd"})
        EXPECT_EQ(identity_in(none), "") << none;
}

TEST(DiskLookup, FindsADiskByPathIdentityGuidOrSignature) {
    const std::string gpt = gpt_disk().id;
    EXPECT_EQ(disk_named("DiskPath", std::string("/dev/sda")), gpt);
    EXPECT_EQ(disk_named("diskpath", gpt), gpt);
    EXPECT_EQ(
        disk_named("DiskPath", std::string("/dev/nowhere/wwn-0x60014050aabbccdd0011223344556677")),
        gpt);
    EXPECT_EQ(disk_named("DiskIdGuid", std::string("{3F0C9A7E-64D1-4B58-8F3A-2C19D7E6B042}")), gpt);
    EXPECT_EQ(disk_named("DiskSignature", std::uint32_t{0x1234ABCD}), mbr_disk().id);
}

TEST(DiskLookup, FindsNoneThatIsNotNamed) {
    EXPECT_EQ(disk_named("DiskPath", std::string("/dev/sda1")), "none");
    EXPECT_EQ(disk_named("DiskPath", std::string("sda")), "none");
    EXPECT_EQ(disk_named("DiskIdGuid", std::string("rubbish")), "none");
    EXPECT_EQ(disk_named("DiskIdGuid", std::string("00000000-0000-0000-0000-000000000000")),
              "none");
    EXPECT_EQ(disk_named("DiskSignature", std::uint32_t{0}), "none");
    EXPECT_EQ(disk_named("Colour", std::string("/dev/sda")), "none");
}

TEST(DiskLookup, CountsADiskAsUsedByWhateverNamesItsDevices) {
    const auto used_with = [](std::string value) {
        model::resource resource = with("device", std::move(value));
        resource.class_ = model::resource_class::unknown;
        resource.id = "r";
        model::snapshot cluster;
        cluster.resources = model::collection<model::resource>(
            {std::make_shared<const model::resource>(std::move(resource))});
        return used_disks(both, cluster).size();
    };
    EXPECT_EQ(used_with("/dev/sda"), 1U);
    EXPECT_EQ(used_with("/dev/sdb2"), 1U);
    EXPECT_EQ(used_with("UUID=0ab1"), 1U);
    EXPECT_EQ(used_with("LABEL=0ab1"), 0U);
    EXPECT_EQ(used_with("/dev/sda2"), 0U);
    EXPECT_EQ(used_with("/srv/web"), 0U);
}

TEST(DiskLookup, FindsAPathOnTheDeepestMountPointAtWholeNames) {
    model::node_disks disks = both;
    disks.disks[1].volumes[0].mount_points = {"/", "/srv/web/deep"};
    const auto number = [&disks](std::string_view path) {
        const auto found = place_of(disks, path);
        return found.disk ? found.disk->number : 0;
    };
    EXPECT_EQ(number("/srv/web"), 5U);
    EXPECT_EQ(number("/srv/web/x"), 5U);
    EXPECT_EQ(number("/srv/web/deep/x"), 6U);
    EXPECT_EQ(number("/srv/web/deeper"), 5U);
    EXPECT_EQ(number("/srv/website"), 6U);
    EXPECT_EQ(number("E:\\srv"), 0U);
    EXPECT_EQ(number(""), 0U);
}

} // namespace

} // namespace bridge::clusapi::test
