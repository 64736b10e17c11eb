// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/sddl.hpp"

#include <gtest/gtest.h>

namespace bridge::win32 {
namespace {

const sddl_domains domains{.domain = parse_sid("S-1-5-21-1-2-3"),
                           .forest_root = parse_sid("S-1-5-21-7-8-9"),
                           .machine = {}};

TEST(Sddl, RoundTripsTexts) {
    for (const std::string_view text : {
             "",
             "D:",
             "D:P",
             "D:NO_ACCESS_CONTROL",
             "D:PNO_ACCESS_CONTROL",
             "O:BAG:SYD:PAI(A;OICI;KA;;;SY)(D;;CCDC;;;BG)S:AI(AU;SAFA;WD;;;WD)",
             "O:DAG:DU",
             "O:LAG:EA",
             "O:S-1-5-21-4-5-6-500G:S-1-0x100000000000-1D:",
             "D:(OA;;CR;ab721a53-1e2f-11d0-9819-00aa0040529b;"
             "bf967aba-0de6-11d0-a285-00aa003049e2;AU)",
             "D:(OD;;RPWP;;bf967aba-0de6-11d0-a285-00aa003049e2;AU)",
             "S:(ML;;NWNR;;;HI)",
             "S:(SP;;;;;S-1-17-1)",
             "D:(A;;0x1200a9;;;WD)",
             "D:(A;OICIIO;GA;;;CO)(A;NPID;KR;;;BU)(A;;FA;;;BU)(A;;KW;;;BU)(A;;FR;;;BU)",
             "D:PARAI(A;;GRGWGX;;;BA)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)",
         }) {
        const auto value = parse_sddl(text, domains);
        ASSERT_TRUE(value) << text;
        EXPECT_EQ(to_sddl(*value, domains).value(), text);
    }
}

struct alias_case {
    std::string_view name;
    std::string_view sid;
};

// MS-DTYP 2.4.2.4, and what another implementation answers for each.
constexpr alias_case aliases[] = {
    {"DA", "S-1-5-21-1-2-3-512"},
    {"DG", "S-1-5-21-1-2-3-514"},
    {"DU", "S-1-5-21-1-2-3-513"},
    {"ED", "S-1-5-9"},
    {"DD", "S-1-5-21-1-2-3-516"},
    {"DC", "S-1-5-21-1-2-3-515"},
    {"BA", "S-1-5-32-544"},
    {"BG", "S-1-5-32-546"},
    {"BU", "S-1-5-32-545"},
    {"LA", "S-1-5-21-1-2-3-500"},
    {"LG", "S-1-5-21-1-2-3-501"},
    {"AO", "S-1-5-32-548"},
    {"BO", "S-1-5-32-551"},
    {"PO", "S-1-5-32-550"},
    {"SO", "S-1-5-32-549"},
    {"AU", "S-1-5-11"},
    {"PS", "S-1-5-10"},
    {"CO", "S-1-3-0"},
    {"CG", "S-1-3-1"},
    {"SY", "S-1-5-18"},
    {"PU", "S-1-5-32-547"},
    {"WD", "S-1-1-0"},
    {"RE", "S-1-5-32-552"},
    {"IU", "S-1-5-4"},
    {"NU", "S-1-5-2"},
    {"SU", "S-1-5-6"},
    {"RC", "S-1-5-12"},
    {"WR", "S-1-5-33"},
    {"AN", "S-1-5-7"},
    {"SA", "S-1-5-21-7-8-9-518"},
    {"CA", "S-1-5-21-1-2-3-517"},
    {"RS", "S-1-5-21-1-2-3-553"},
    {"EA", "S-1-5-21-7-8-9-519"},
    {"PA", "S-1-5-21-1-2-3-520"},
    {"RU", "S-1-5-32-554"},
    {"LS", "S-1-5-19"},
    {"NS", "S-1-5-20"},
    {"RD", "S-1-5-32-555"},
    {"NO", "S-1-5-32-556"},
    {"MU", "S-1-5-32-558"},
    {"LU", "S-1-5-32-559"},
    {"IS", "S-1-5-32-568"},
    {"CY", "S-1-5-32-569"},
    {"OW", "S-1-3-4"},
    {"ER", "S-1-5-32-573"},
    {"RO", "S-1-5-21-7-8-9-498"},
    {"CD", "S-1-5-32-574"},
    {"AC", "S-1-15-2-1"},
    {"RA", "S-1-5-32-575"},
    {"ES", "S-1-5-32-576"},
    {"MS", "S-1-5-32-577"},
    {"UD", "S-1-5-84-0-0-0-0-0"},
    {"HA", "S-1-5-32-578"},
    {"CN", "S-1-5-21-1-2-3-522"},
    {"AA", "S-1-5-32-579"},
    {"RM", "S-1-5-32-580"},
    {"LW", "S-1-16-4096"},
    {"ME", "S-1-16-8192"},
    {"MP", "S-1-16-8448"},
    {"HI", "S-1-16-12288"},
    {"SI", "S-1-16-16384"},
    {"AP", "S-1-5-21-1-2-3-525"},
    {"KA", "S-1-5-21-1-2-3-526"},
    {"EK", "S-1-5-21-7-8-9-527"},
    {"AS", "S-1-18-1"},
    {"SS", "S-1-18-2"},
};

TEST(Sddl, KnowsEveryAlias) {
    for (const auto& c : aliases) {
        const auto value = parse_sddl_sid(c.name, domains);
        ASSERT_TRUE(value) << c.name;
        EXPECT_EQ(to_string(*value), c.sid) << c.name;
        const auto text = "O:" + std::string(c.name);
        EXPECT_EQ(to_sddl(parse_sddl(text, domains).value(), domains).value(), text);
    }
}

TEST(Sddl, RootsMachineAccountsInTheMachineWhenItIsKnown) {
    auto with_machine = domains;
    with_machine.machine = parse_sid("S-1-5-21-4-4-4");
    EXPECT_EQ(to_string(parse_sddl_sid("LA", with_machine).value()), "S-1-5-21-4-4-4-500");
}

TEST(Sddl, RefusesAliasesOfUnknownDomains) {
    EXPECT_TRUE(parse_sddl("O:BA"));
    EXPECT_FALSE(parse_sddl("O:DA"));
    EXPECT_FALSE(parse_sddl("D:(A;;GA;;;EA)"));
}

TEST(Sddl, ReadsMasksAsNumbers) {
    for (const std::string_view mask : {"0x12019f", "0X12019F", "1180063", "04400637", "KR0", ""}) {
        const auto value = parse_sddl("D:(A;;" + std::string(mask) + ";;;WD)");
        if (mask == "KR0") {
            EXPECT_FALSE(value);
        } else {
            EXPECT_EQ(value.value().dacl->entries[0].mask, mask.empty() ? 0U : 0x12019FU) << mask;
        }
    }
}

TEST(Sddl, ReadsPartsInAnyOrderAndLettersInEitherCase) {
    const auto usual = parse_sddl("O:BAG:SYD:P(A;CI;KA;;;WD)S:(AU;FA;GA;;;WD)");
    const auto mixed = parse_sddl("s:(au;fa;ga;;;wd)d:p(a;ci;ka;;;wd)g:sy"
                                  "o:s-1-5-32-544");
    ASSERT_TRUE(usual);
    ASSERT_TRUE(mixed);
    EXPECT_EQ(*usual, *mixed);
}

TEST(Sddl, RefusesWhatIsNotSddl) {
    for (const std::string_view text : {
             "O",
             "O:",
             "O:B",
             "O:XX",
             "X:BA",
             "O:BAO:BA",
             "D:(",
             "D:()",
             "D:(A)",
             "D:(A;;GA;;;WD",
             "D:(A;;GA;;;WD;)",
             "D:(A;;GA;;WD)",
             "D:(A;;GA;;;)",
             "D:(Q;;GA;;;WD)",
             "D:(A;QQ;GA;;;WD)",
             "D:(A;C;GA;;;WD)",
             "D:(A;;G;;;WD)",
             "D:(A;;QQ;;;WD)",
             "D:(A;;0x;;;WD)",
             "D:(A;;0x100000000;;;WD)",
             "D:(A;;09;;;WD)",
             "D:(A;;-1;;;WD)",
             "D:(A;;GA;ab721a53-1e2f-11d0-9819-00aa0040529b;;WD)",
             "D:(OA;;GA;ab721a53;;WD)",
             "D:Q(A;;GA;;;WD)",
             "D: (A;;GA;;;WD)",
             "D:(A;;GA;;;WD)x",
             "D:NO_ACCESS_CONTROL(A;;GA;;;WD)",
             "O:S-1-5",
             "O:S-1-5-",
             "(A;;GA;;;WD)",
             "D:(A;;GA;;;WD)P",
         }) {
        const auto value = parse_sddl(text, domains);
        ASSERT_FALSE(value) << text;
        EXPECT_EQ(value.error(), win32_error::ERROR_INVALID_SECURITY_DESCR) << text;
    }
}

TEST(Sddl, SaysThatItDoesNotSupportConditions) {
    EXPECT_EQ(parse_sddl("D:(XA;;GA;;;WD;(@User.x == 1))").error(),
              win32_error::ERROR_NOT_SUPPORTED);
    security_descriptor value;
    value.set_dacl(
        {.revision = 2,
         .entries = {ace{.type = ace_type::access_denied_callback, .trustee = sid{1, {0}}}}});
    EXPECT_EQ(to_sddl(value).error(), win32_error::ERROR_NOT_SUPPORTED);
    value.set_dacl({.revision = 2, .entries = {ace{.flags = 0x20, .trustee = sid{1, {0}}}}});
    EXPECT_EQ(to_sddl(value).error(), win32_error::ERROR_NOT_SUPPORTED);
}

TEST(Sddl, DoesNotWriteASidThatItCouldNotRead) {
    security_descriptor value;
    value.owner = sid{5, {}};
    EXPECT_EQ(to_sddl(value).error(), win32_error::ERROR_NOT_SUPPORTED);
}

TEST(Sddl, HasALimit) {
    EXPECT_FALSE(parse_sddl(std::string(max_sddl_size + 1, 'O')));
}

} // namespace
} // namespace bridge::win32
