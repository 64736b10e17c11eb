// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/security_descriptor.hpp"

#include "bridge/win32/sddl.hpp"
#include "tests/unit/win32/hex.hpp"

#include <gtest/gtest.h>

namespace bridge::win32 {
namespace {

using test::from_hex;

constexpr auto refused = win32_error::ERROR_INVALID_SECURITY_DESCR;

// O:DAG:DU with domain S-1-5-21-1-2-3.
constexpr std::string_view owner_and_group =
    "01000080 14000000 30000000 00000000 00000000"
    "0105000000000005 15000000 01000000 02000000 03000000 00020000"
    "0105000000000005 15000000 01000000 02000000 03000000 01020000";
// D:AR(A;;GRGW;;;BA)
constexpr std::string_view one_entry = "01000481 00000000 00000000 00000000 14000000"
                                       "0200 2000 0100 0000"
                                       "0000 1800 000000c0 0102000000000005 20000000 20020000";
// D:(OA;;CR;ab721a53-...;bf967aba-...;AU)
constexpr std::string_view object_entry =
    "01000480 00000000 00000000 00000000 14000000 0400 4000 0100 0000 0500 3800 00010000 03000000"
    "531a72ab2f1ed011981900aa0040529b ba7a96bfe60dd011a28500aa003049e2"
    "0101000000000005 0b000000";

TEST(SecurityDescriptor, ReadsOwnerAndGroup) {
    const auto value = decode_security_descriptor(from_hex(owner_and_group));
    ASSERT_TRUE(value);
    EXPECT_EQ(to_string(*value->owner), "S-1-5-21-1-2-3-512");
    EXPECT_EQ(to_string(*value->group), "S-1-5-21-1-2-3-513");
    EXPECT_FALSE(value->dacl);
    EXPECT_FALSE(value->sacl);
}

TEST(SecurityDescriptor, ReadsAnEntry) {
    const auto value = decode_security_descriptor(from_hex(one_entry));
    ASSERT_TRUE(value);
    EXPECT_EQ(value->control, sd_control::self_relative | sd_control::dacl_present |
                                  sd_control::dacl_auto_inherit_required);
    ASSERT_EQ(value->dacl->entries.size(), 1U);
    const auto& entry = value->dacl->entries[0];
    EXPECT_EQ(entry.type, ace_type::access_allowed);
    EXPECT_EQ(entry.mask, rights::generic_read | rights::generic_write);
    EXPECT_EQ(to_string(entry.trustee), "S-1-5-32-544");
}

TEST(SecurityDescriptor, ReadsAnObjectEntry) {
    const auto value = decode_security_descriptor(from_hex(object_entry));
    ASSERT_TRUE(value);
    const auto& entry = value->dacl->entries.at(0);
    EXPECT_EQ(to_string(entry.object_type.value()), "ab721a53-1e2f-11d0-9819-00aa0040529b");
    EXPECT_EQ(to_string(entry.inherited_object_type.value()),
              "bf967aba-0de6-11d0-a285-00aa003049e2");
}

TEST(SecurityDescriptor, RoundTripsToTheByte) {
    for (const auto text : {owner_and_group, one_entry, object_entry}) {
        const auto bytes = from_hex(text);
        const auto value = decode_security_descriptor(bytes);
        ASSERT_TRUE(value);
        EXPECT_EQ(encode_security_descriptor(*value).value(), bytes);
    }
}

TEST(SecurityDescriptor, TellsNullFromEmptyFromAbsent) {
    const auto absent =
        decode_security_descriptor(from_hex("01000080 00000000 00000000 00000000 00000000"));
    const auto null =
        decode_security_descriptor(from_hex("01000480 00000000 00000000 00000000 00000000"));
    const auto empty = decode_security_descriptor(
        from_hex("01000480 00000000 00000000 00000000 14000000 0200080000000000"));
    ASSERT_TRUE(absent && null && empty);
    EXPECT_FALSE(absent->dacl);
    EXPECT_FALSE(null->dacl);
    EXPECT_NE(absent->control & sd_control::dacl_present, null->control & sd_control::dacl_present);
    ASSERT_TRUE(empty->dacl);
    EXPECT_TRUE(empty->dacl->entries.empty());
}

TEST(SecurityDescriptor, IgnoresTheOffsetOfAnAbsentList) {
    const auto value =
        decode_security_descriptor(from_hex("01000080 00000000 00000000 ffffffff ffffffff"));
    ASSERT_TRUE(value);
    EXPECT_FALSE(value->sacl);
}

TEST(SecurityDescriptor, KeepsCallbackDataAndUnknownEntries) {
    const auto bytes = from_hex("01000480 00000000 00000000 00000000 14000000"
                                "0200 3400 0200 0000"
                                "0900 1c00 01000000 0101000000000001 00000000 6172747801020304"
                                "4200 1000 aabbccdd 00112233 44556677");
    const auto value = decode_security_descriptor(bytes);
    ASSERT_TRUE(value);
    EXPECT_EQ(value->dacl->entries[0].data, from_hex("6172747801020304"));
    EXPECT_EQ(value->dacl->entries[1].type, ace_type{0x42});
    EXPECT_EQ(value->dacl->entries[1].data, from_hex("aabbccdd0011223344556677"));
    EXPECT_EQ(encode_security_descriptor(*value).value(), bytes);
}

TEST(SecurityDescriptor, DropsWhatFollowsTheSidOfAPlainEntry) {
    const auto value = decode_security_descriptor(
        from_hex("01000480 00000000 00000000 00000000 14000000"
                 "0200 2000 0100 0000 0000 1800 01000000 0101000000000001 00000000 ffffffff"));
    ASSERT_TRUE(value);
    EXPECT_TRUE(value->dacl->entries[0].data.empty());
}

TEST(SecurityDescriptor, RefusesEveryPrefixOfOne) {
    for (const auto text : {owner_and_group, one_entry, object_entry}) {
        const auto bytes = from_hex(text);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto value = decode_security_descriptor(std::span(bytes).first(size));
            ASSERT_FALSE(value) << size;
            EXPECT_EQ(value.error(), refused);
        }
    }
}

struct malformed_case {
    std::string_view why;
    std::string_view bytes;
};

constexpr malformed_case malformed[] = {
    {"revision 2", "02000080 00000000 00000000 00000000 00000000"},
    {"absolute form", "01000000 00000000 00000000 00000000 00000000"},
    {"owner inside the header", "01000080 13000000 00000000 00000000 00000000 0000"},
    {"owner behind the end", "01000080 14000000 00000000 00000000 00000000"},
    {"owner far away", "01000080 fffffff0 00000000 00000000 00000000"},
    {"SID of revision 0",
     "01000080 14000000 00000000 00000000 00000000 00 01 000000000001 00000000"},
    {"list shorter than its header",
     "01000480 00000000 00000000 00000000 14000000 0200 0700 0000 0000"},
    {"list longer than the rest",
     "01000480 00000000 00000000 00000000 14000000 0200 0900 0000 0000"},
    {"list of revision 1", "01000480 00000000 00000000 00000000 14000000 0100 0800 0000 0000"},
    {"list of revision 5", "01000480 00000000 00000000 00000000 14000000 0500 0800 0000 0000"},
    {"more entries than bytes", "01000480 00000000 00000000 00000000 14000000 0200 0800 ffff 0000"},
    {"entry of size 0",
     "01000480 00000000 00000000 00000000 14000000 0200 0c00 0100 0000 0000 0000"},
    {"entry of odd size",
     "01000480 00000000 00000000 00000000 14000000 0200 0e00 0100 0000 4200 0600 0000"},
    {"entry longer than the list",
     "01000480 00000000 00000000 00000000 14000000 0200 0c00 0100 0000 4200 1000"},
    {"entry too short for its SID", "01000480 00000000 00000000 00000000 14000000"
                                    "0200 1800 0100 0000 0000 1000 01000000 0101000000000001"},
    {"object entry without its GUID", "01000480 00000000 00000000 00000000 14000000 0400 2000 0100"
                                      "0000 0500 1800 01000000 01000000 0101000000000001 00000000"},
};

TEST(SecurityDescriptor, RefusesMalformedOnes) {
    for (const auto& c : malformed) {
        const auto value = decode_security_descriptor(from_hex(c.bytes));
        ASSERT_FALSE(value) << c.why;
        EXPECT_EQ(value.error(), refused) << c.why;
    }
}

TEST(SecurityDescriptor, AcceptsPartsInAnyOrderAndShared) {
    // The group's offset is the owner's.
    const auto value = decode_security_descriptor(
        from_hex("01000080 14000000 14000000 00000000 00000000 0101000000000001 00000000"));
    ASSERT_TRUE(value);
    EXPECT_EQ(value->owner, value->group);
}

TEST(SecurityDescriptor, RefusesToWriteAListThatDoesNotFit) {
    security_descriptor value;
    acl list;
    list.entries.resize(4000, ace{.trustee = sid{1, {0}}});
    value.set_dacl(list);
    EXPECT_EQ(encode_security_descriptor(value).error(), win32_error::ERROR_INVALID_ACL);
    list.entries.resize(1700); // 34 KB each
    value.set_dacl(list);
    EXPECT_TRUE(encode_security_descriptor(value));
    value.set_sacl(list);
    EXPECT_EQ(encode_security_descriptor(value).error(), win32_error::ERROR_INVALID_ACL);
}

TEST(SecurityDescriptor, RefusesMoreThanItsLimit) {
    auto bytes = from_hex(one_entry);
    bytes.resize(max_security_descriptor_size);
    EXPECT_TRUE(decode_security_descriptor(bytes));
    bytes.push_back({});
    EXPECT_FALSE(decode_security_descriptor(bytes));
}

} // namespace
} // namespace bridge::win32
