// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/access_check.hpp"

#include "bridge/win32/sddl.hpp"

#include <gtest/gtest.h>

namespace bridge::win32 {
namespace {

constexpr auto denied = to_u32(win32_error::ERROR_ACCESS_DENIED);

struct check_case {
    std::string_view object;
    std::string_view who; ///< SIDs and aliases, divided by blanks
    access_mask desired;
    /// What is granted; 0 with a desired mask: refused.
    access_mask granted;
};

using namespace rights;

constexpr check_case check_cases[] = {
    // Allow entries add up, for the user and for its groups.
    {"O:SYD:(A;;0x1;;;AU)(A;;0x2;;;BU)", "AN AU BU", 3, 3},
    {"O:SYD:(A;;0x1;;;AU)(A;;0x2;;;BU)", "AN AU", 3, 0},
    {"O:SYD:(A;;0x7;;;AU)", "AN AU", 5, 5},
    {"O:SYD:(A;;0x7;;;AU)", "AN BU", 1, 0},
    // Order decides between allow and deny.
    {"O:SYD:(D;;0x1;;;AU)(A;;0x1;;;BU)", "AN AU BU", 1, 0},
    {"O:SYD:(A;;0x1;;;BU)(D;;0x1;;;AU)", "AN AU BU", 1, 1},
    {"O:SYD:(D;;0x2;;;AU)(A;;0x3;;;BU)", "AN AU BU", 1, 1},
    {"O:SYD:(D;;0x2;;;BG)(A;;0x3;;;BU)", "AN AU BU", 3, 3},
    // No list, null list, empty list.
    {"O:SY", "AN", key_all_access, key_all_access},
    {"O:SYD:NO_ACCESS_CONTROL", "AN", generic_all, key_all_access},
    {"O:SYD:", "AN", 1, 0},
    {"O:SYD:", "AN", maximum_allowed, 0},
    {"O:SY", "AN", maximum_allowed, key_all_access},
    {"O:SY", "AN", access_system_security | 1, 0},
    // The owner.
    {"O:SYD:", "SY", read_control | write_dac, read_control | write_dac},
    {"O:SYD:", "SY", write_owner, 0},
    {"O:SYD:(D;;0x60000;;;SY)", "SY", read_control | write_dac, read_control | write_dac},
    {"O:SYD:", "SY", maximum_allowed, read_control | write_dac},
    {"O:BAD:", "AN BA", write_dac, write_dac},
    {"O:SYD:(A;;RC;;;OW)", "SY", write_dac, 0},
    {"O:SYD:(A;;RC;;;OW)", "SY", read_control, read_control},
    {"O:SYD:(A;IO;RC;;;OW)", "SY", write_dac, write_dac},
    {"O:SYD:(A;;RC;;;OW)", "AN", read_control, 0},
    {"O:SYD:(D;;RC;;;OW)(A;;RC;;;SY)", "SY", read_control, 0},
    // Inherit-only entries do not count.
    {"O:SYD:(A;OICIIO;0x1;;;AU)", "AU", 1, 0},
    {"O:SYD:(D;CIIO;0x1;;;AU)(A;;0x1;;;AU)", "AU", 1, 1},
    // Generic rights, asked for and given.
    {"O:SYD:(A;;KR;;;AU)", "AU", generic_read, key_read},
    {"O:SYD:(A;;GA;;;AU)", "AU", key_set_value | generic_read, key_set_value | key_read},
    {"O:SYD:(A;;GR;;;AU)", "AU", generic_write, 0},
    {"O:SYD:(D;;GW;;;AU)(A;;KA;;;AU)", "AU", maximum_allowed,
     key_all_access & ~static_cast<access_mask>(key_write)},
    // MAXIMUM_ALLOWED, alone and with more.
    {"O:SYD:(A;;0x7;;;AU)(D;;0x2;;;AU)(A;;0x8;;;BU)", "AU BU", maximum_allowed, 0xF},
    {"O:SYD:(D;;0x2;;;AU)(A;;0x7;;;AU)", "AU", maximum_allowed, 5},
    {"O:SYD:(D;;0x2;;;AU)(A;;0x7;;;AU)", "AU", maximum_allowed | 2, 0},
    {"O:SYD:(D;;0x2;;;AU)(A;;0x7;;;AU)", "AU", maximum_allowed | 1, 5},
    {"O:SYD:(A;;0x3000001;;;AU)", "AU", maximum_allowed, 1},
    // Other kinds of entries.
    {"O:SYD:(OA;;0x1;;;AU)", "AU", 1, 1},
    {"O:SYD:(OA;;0x1;ab721a53-1e2f-11d0-9819-00aa0040529b;;AU)", "AU", 1, 0},
    {"O:SYD:(OD;;0x1;;;AU)(A;;0x1;;;AU)", "AU", 1, 0},
    {"O:SYD:(OD;;0x1;ab721a53-1e2f-11d0-9819-00aa0040529b;;AU)(A;;0x1;;;AU)", "AU", 1, 1},
    {"O:SYD:(AU;SA;0x1;;;AU)", "AU", 1, 0},
    // A token without SIDs, an object without an owner.
    {"O:SYD:(A;;0x1;;;WD)", "", 1, 0},
    {"D:(A;;0x1;;;WD)", "WD", 1, 1},
    {"D:", "WD", read_control, 0},
};

std::vector<sid> sids_of(std::string_view text) {
    std::vector<sid> sids;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        sids.push_back(parse_sddl_sid(text.substr(0, end)).value());
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return sids;
}

TEST(AccessCheck, DecidesAsTheTableSays) {
    for (const auto& c : check_cases) {
        SCOPED_TRACE(testing::Message()
                     << c.object << " for " << c.who << " wants " << std::hex << c.desired);
        const auto object = parse_sddl(c.object).value();
        const auto sids = sids_of(c.who);
        const auto got = check_access(object, {.sids = sids}, c.desired, registry_key_mapping);
        if (c.granted == 0) {
            ASSERT_FALSE(got);
            if ((c.desired & access_system_security) == 0) {
                EXPECT_EQ(to_u32(got.error()), denied);
            }
        } else {
            ASSERT_TRUE(got);
            EXPECT_EQ(*got, c.granted) << std::hex << *got;
        }
    }
}

TEST(AccessCheck, OpensTheSaclOnlyByPrivilege) {
    const auto object = parse_sddl("O:SYD:(A;;0x1000001;;;AU)").value();
    const auto sids = sids_of("AU");
    const auto without =
        check_access(object, {.sids = sids}, access_system_security | 1, registry_key_mapping);
    EXPECT_EQ(without.error(), win32_error::ERROR_PRIVILEGE_NOT_HELD);
    const token privileged{.sids = sids, .security_privilege = true};
    EXPECT_EQ(
        check_access(object, privileged, access_system_security | 1, registry_key_mapping).value(),
        access_system_security | 1);
    EXPECT_EQ(check_access(parse_sddl("O:SY").value(), privileged,
                           access_system_security | maximum_allowed, registry_key_mapping)
                  .value(),
              access_system_security | key_all_access);
}

TEST(AccessCheck, LetsThePrivilegedTakeOwnership) {
    const auto object = parse_sddl("O:SYD:").value();
    const auto sids = sids_of("AU");
    const token privileged{.sids = sids, .take_ownership_privilege = true};
    EXPECT_EQ(check_access(object, privileged, write_owner, registry_key_mapping).value(),
              write_owner);
    EXPECT_FALSE(check_access(object, privileged, write_dac, registry_key_mapping));
}

TEST(AccessCheck, CountsConditionsAsUnknown) {
    const auto sids = sids_of("AU");
    security_descriptor object;
    ace allow{.type = ace_type::access_allowed_callback, .mask = 1, .trustee = sids[0]};
    object.set_dacl({.revision = 2, .entries = {allow}});
    EXPECT_FALSE(check_access(object, {.sids = sids}, 1, registry_key_mapping));
    ace deny = allow;
    deny.type = ace_type::access_denied_callback;
    allow.type = ace_type::access_allowed;
    object.set_dacl({.revision = 2, .entries = {deny, allow}});
    EXPECT_FALSE(check_access(object, {.sids = sids}, 1, registry_key_mapping));
}

TEST(AccessCheck, MapsClusterRights) {
    const auto object = parse_sddl("O:BAD:(A;;0x1;;;AU)(A;;0x3;;;BA)").value();
    const auto user = sids_of("AU");
    const auto admin = sids_of("AU BA");
    EXPECT_EQ(check_access(object, {.sids = user}, generic_read, cluster_mapping).value(), 1U);
    EXPECT_FALSE(check_access(object, {.sids = user}, generic_execute, cluster_mapping));
    EXPECT_EQ(check_access(object, {.sids = admin}, generic_all, cluster_mapping).value(), 3U);
    EXPECT_EQ(check_access(object, {.sids = user}, maximum_allowed, cluster_mapping).value(), 1U);
}

} // namespace
} // namespace bridge::win32
