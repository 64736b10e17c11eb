// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/facts.hpp"
#include "bridge/pacemaker/embedded_cluster.hpp"
#include "xml/cib.hpp"

#include <gtest/gtest.h>

namespace {

using bridge::pacemaker::membership_of;

bridge::model::membership of(const char* nodes, const char* status) {
    const std::string text =
        std::string(R"(<cib admin_epoch="0" epoch="1" num_updates="0" dc-uuid="2">)") +
        "<configuration><crm_config/><nodes>" + nodes +
        "</nodes><resources/><constraints/></configuration><status>" + status + "</status></cib>";
    return membership_of(*bridge::xml::cib_document::parse(text)->facts());
}

TEST(EmbeddedMembership, GivesEveryNodeTwoLinks) {
    const auto m = of(R"(<node id="1" uname="a"/><node id="2" uname="b"/>)",
                      R"(<node_state id="1" uname="a" in_ccm="true"/>
               <node_state id="2" uname="b" in_ccm="true"/>)");
    ASSERT_EQ(m.addresses.size(), 4u);
    EXPECT_EQ(m.addresses[0].address, "192.0.2.1");
    EXPECT_EQ(m.addresses[3].adapter, "Ethernet 2");
    EXPECT_EQ(m.local_node, 2u);
    EXPECT_TRUE(m.quorate);
    EXPECT_EQ(m.views.size(), 4u);
}

TEST(EmbeddedMembership, ShowsANodeThatIsDown) {
    const auto m = of(R"(<node id="1" uname="a"/><node id="2" uname="b"/>)",
                      R"(<node_state id="2" uname="b" in_ccm="true"/>)");
    EXPECT_FALSE(m.members[0].joined);
    EXPECT_FALSE(m.quorate);
    ASSERT_EQ(m.views.size(), 2u);
    EXPECT_FALSE(m.views[0].connected);
}

TEST(EmbeddedMembership, TakesAddressesFromNodeAttributes) {
    const auto m = of(R"(<node id="1" uname="a"><instance_attributes id="i">
        <nvpair id="n" name="clusbridge-address-0" value="203.0.113.7/28"/>
        </instance_attributes></node>)",
                      "");
    EXPECT_EQ(m.addresses[0].address, "203.0.113.7");
    EXPECT_EQ(m.addresses[0].prefix_length, 28);
}

} // namespace
