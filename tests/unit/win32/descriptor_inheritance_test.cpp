// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/descriptor_inheritance.hpp"

#include "bridge/win32/sddl.hpp"

#include <gtest/gtest.h>

namespace bridge::win32 {
namespace {

struct creation_case {
    std::string_view why;
    std::string_view parent;
    std::string_view creator; ///< "-": none
    std::string_view made;    ///< for owner BU and group BG of the creator's token
    bool container = true;
    bool auto_inherit = true;
};

constexpr creation_case creation_cases[] = {
    {"nothing is inheritable: the token's list", "O:SYD:(A;;KA;;;SY)", "-",
     "O:BUG:BGD:(A;;KA;;;BU)"},
    {"container-inherit is in force and goes on", "O:SYD:(A;CI;KA;;;SY)(A;;KR;;;WD)", "-",
     "O:BUG:BGD:AI(A;CIID;KA;;;SY)"},
    {"no-propagate stops here", "O:SYD:(A;CINP;KR;;;WD)", "-", "O:BUG:BGD:AI(A;ID;KR;;;WD)"},
    {"object-inherit waits in containers", "O:SYD:(A;OI;KR;;;WD)", "-",
     "O:BUG:BGD:AI(A;OIIOID;KR;;;WD)"},
    {"object-inherit without propagation is lost in containers", "O:SYD:(A;OINP;KR;;;WD)", "-",
     "O:BUG:BGD:(A;;KA;;;BU)"},
    {"object-inherit is in force in leaves", "O:SYD:(A;OICI;KR;;;WD)(A;CI;KR;;;SY)", "-",
     "O:BUG:BGD:AI(A;ID;KR;;;WD)", false},
    {"inherit-only comes into force", "O:SYD:(A;CIIO;KR;;;WD)", "-",
     "O:BUG:BGD:AI(A;CIID;KR;;;WD)"},
    {"generic rights split", "O:SYD:(A;CIIO;GA;;;WD)", "-",
     "O:BUG:BGD:AI(A;ID;KA;;;WD)(A;CIIOID;GA;;;WD)"},
    {"the creator's place is taken", "O:SYD:(A;CIIO;KA;;;CO)(A;CINP;KR;;;CG)", "-",
     "O:BUG:BGD:AI(A;ID;KA;;;BU)(A;CIIOID;KA;;;CO)(A;ID;KR;;;BG)"},
    {"own entries come first", "O:SYD:(A;CI;KA;;;SY)", "D:(A;;KR;;;WD)",
     "O:BUG:BGD:AI(A;;KR;;;WD)(A;CIID;KA;;;SY)"},
    {"own entries are made concrete", "O:SY", "D:(A;;GR;;;CO)(A;CI;GA;;;BA)",
     "O:BUG:BGD:AI(A;;KR;;;BU)(A;;KA;;;BA)(A;CIIO;GA;;;BA)"},
    {"entries inherited elsewhere are dropped", "O:SYD:(A;CI;KA;;;SY)",
     "D:AI(A;ID;KR;;;WD)(D;;KW;;;BG)", "O:BUG:BGD:AI(D;;KW;;;BG)(A;CIID;KA;;;SY)"},
    {"a protected list takes nothing", "O:SYD:(A;CI;KA;;;SY)", "D:P(A;;KR;;;WD)",
     "O:BUG:BGD:P(A;;KR;;;WD)"},
    {"without automatic inheritance neither", "O:SYD:(A;CI;KA;;;SY)", "D:(A;;KR;;;WD)",
     "O:BUG:BGD:(A;;KR;;;WD)", true, false},
    {"an empty list of one's own still inherits", "O:SYD:(A;CI;KA;;;SY)",
     "D:", "O:BUG:BGD:AI(A;CIID;KA;;;SY)"},
    {"a null list stays null", "O:SYD:(A;CI;KA;;;SY)", "D:NO_ACCESS_CONTROL",
     "O:BUG:BGD:NO_ACCESS_CONTROL"},
    {"owner and group may be given", "O:SYD:(A;CI;KA;;;CO)", "O:BAG:SY",
     "O:BAG:SYD:AI(A;ID;KA;;;BA)(A;CIIOID;KA;;;CO)"},
    {"the SACL obeys the same rules", "O:SYD:(A;CI;KA;;;SY)S:(AU;CISA;KW;;;WD)", "-",
     "O:BUG:BGD:AI(A;CIID;KA;;;SY)S:AI(AU;CIIDSA;KW;;;WD)"},
    {"entries for one type of child are left out",
     "O:SYD:(OA;CI;KR;;bf967aba-0de6-11d0-a285-00aa003049e2;WD)(OA;CI;KR;;;BU)", "-",
     "O:BUG:BGD:AI(OA;CIID;KR;;;BU)"},
};

TEST(Inheritance, MakesWhatTheTableSays) {
    for (const auto& c : creation_cases) {
        SCOPED_TRACE(c.why);
        const auto parent = parse_sddl(c.parent).value();
        const auto token_list = parse_sddl("D:(A;;KA;;;BU)").value();
        security_descriptor creator;
        descriptor_request request;
        request.parent = &parent;
        request.default_dacl = &*token_list.dacl;
        request.is_container = c.container;
        request.auto_inherit = c.auto_inherit;
        request.default_owner = parse_sddl_sid("BU").value();
        request.default_group = parse_sddl_sid("BG");
        if (c.creator != "-") {
            creator = parse_sddl(c.creator).value();
            request.creator = &creator;
        }
        const auto made = create_descriptor(request);
        ASSERT_TRUE(made);
        EXPECT_EQ(to_sddl(*made).value(), c.made);
    }
}

TEST(Inheritance, LeavesAnObjectOpenWhenNothingSpeaks) {
    descriptor_request request;
    request.default_owner = sid{5, {18}};
    const auto made = create_descriptor(request).value();
    EXPECT_FALSE(made.dacl);
    EXPECT_EQ(made.control & sd_control::dacl_present, 0);
}

TEST(Inheritance, RefusesAnOwnerThatTheClientMayNotChoose) {
    const auto creator = parse_sddl("O:SY").value();
    const std::vector<sid> allowed{sid{5, {11}}};
    descriptor_request request;
    request.creator = &creator;
    request.may_own = allowed;
    EXPECT_EQ(create_descriptor(request).error(), win32_error::ERROR_INVALID_OWNER);
    request.may_own = {};
    EXPECT_TRUE(create_descriptor(request));
}

TEST(Inheritance, ReachesTheThirdGenerationUnchanged) {
    const auto root = parse_sddl("O:SYD:(A;CI;KA;;;SY)(A;CIIO;GA;;;CO)(A;CI;KR;;;BU)").value();
    descriptor_request request;
    request.parent = &root;
    request.default_owner = parse_sddl_sid("BA").value();
    const auto child = create_descriptor(request).value();
    request.parent = &child;
    const auto grandchild = create_descriptor(request).value();
    EXPECT_EQ(to_sddl(grandchild).value(),
              "O:BAD:AI(A;CIID;KA;;;SY)(A;ID;KA;;;BA)(A;CIIOID;GA;;;CO)(A;CIID;KR;;;BU)");
}

} // namespace
} // namespace bridge::win32
