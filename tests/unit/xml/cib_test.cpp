// SPDX-License-Identifier: Apache-2.0
#include "xml/cib.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bridge;
using bridge::xml::cib_document;
using bridge::xml::patch_result;

std::shared_ptr<const model::cib_facts> facts_of(const std::string& inside,
                                                 const std::string& status = "") {
    const auto document =
        cib_document::parse("<cib admin_epoch='1' epoch='2' num_updates='3' dc-uuid='1' "
                            "have-quorum='1'><configuration>" +
                            inside + "</configuration><status>" + status + "</status></cib>");
    return document ? document->facts() : nullptr;
}

TEST(Cib, ReadsItsVersionAlsoInsideAWrapper) {
    const auto document =
        cib_document::parse("<reply><x/><cib admin_epoch='1' epoch='2' num_updates='3'/></reply>");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->version(), (model::cib_version{1, 2, 3}));
}

TEST(Cib, RefusesWhatIsNoCib) {
    EXPECT_FALSE(cib_document::parse(""));
    EXPECT_FALSE(cib_document::parse("cib"));
    EXPECT_FALSE(cib_document::parse("<cib>"));
    EXPECT_FALSE(cib_document::parse("<cob/>"));
    EXPECT_FALSE(cib_document::parse(std::string_view("\0<cib/>", 7)));
}

TEST(Cib, RefusesDocumentTypesAndEntities) {
    EXPECT_FALSE(cib_document::parse("<!DOCTYPE cib><cib/>"));
    EXPECT_FALSE(cib_document::parse("<!DOCTYPE cib [<!ENTITY a 'b'>]><cib epoch='&a;'/>"));
    EXPECT_FALSE(cib_document::parse(
        "<!DOCTYPE cib [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><cib>&f;</cib>"));
    EXPECT_FALSE(cib_document::parse("<cib epoch='&b;'/>"));
}

TEST(Cib, RefusesDepthWithoutEnd) {
    std::string deep;
    for (int i = 0; i < 200; ++i)
        deep += "<cib>";
    for (int i = 0; i < 200; ++i)
        deep += "</cib>";
    EXPECT_FALSE(cib_document::parse(deep));
}

TEST(Cib, ReadsEscapedText) {
    const auto facts = facts_of("<resources><primitive id='a' class='ocf' provider='p' type='t'>"
                                "<instance_attributes id='i'><nvpair id='n' name='x' "
                                "value='1 &lt; 2 &amp; &#65;&quot;'/></instance_attributes>"
                                "</primitive></resources>");
    ASSERT_TRUE(facts);
    EXPECT_EQ(*model::find_attribute(facts->resources[0]->parameters, "x"), "1 < 2 & A\"");
}

TEST(Cib, SetsAreOrderedByScoreAndThoseWithRulesLeftOut) {
    const auto facts = facts_of(
        "<crm_config><cluster_property_set id='a'><nvpair id='a1' name='x' value='low'/>"
        "<nvpair id='a2' name='y' value='only'/></cluster_property_set>"
        "<cluster_property_set id='b' score='10'><nvpair id='b1' name='x' value='high'/>"
        "</cluster_property_set><cluster_property_set id='c' score='99'><rule id='r' score='0'/>"
        "<nvpair id='c1' name='x' value='ruled'/></cluster_property_set></crm_config>");
    ASSERT_TRUE(facts);
    EXPECT_EQ(*model::find_attribute(*facts->options, "x"), "high");
    EXPECT_EQ(*model::find_attribute(*facts->options, "y"), "only");
}

TEST(Cib, TemplatesAndReferencesAreResolved) {
    const auto facts = facts_of(
        "<resources><template id='t' class='ocf' provider='p' type='D'><meta_attributes id='tm'>"
        "<nvpair id='tm1' name='m' value='from template'/></meta_attributes><operations>"
        "<op id='to' name='monitor' interval='7s'/></operations></template>"
        "<primitive id='a' template='t'><instance_attributes id='ai'>"
        "<nvpair id='ai1' name='x' value='1'/></instance_attributes></primitive>"
        "<primitive id='b' template='t'><instance_attributes id-ref='ai'/>"
        "<meta_attributes id='bm'><nvpair id='bm1' name='m' value='own'/></meta_attributes>"
        "<operations><op id='bo' name='monitor' interval='7s' timeout='5s'/></operations>"
        "</primitive></resources>");
    ASSERT_TRUE(facts);
    ASSERT_EQ(facts->resources.size(), 2U);
    const auto& a = *facts->resources[0];
    const auto& b = *facts->resources[1];
    EXPECT_EQ(a.agent(), "ocf:p:D");
    EXPECT_EQ(*model::find_attribute(a.meta, "m"), "from template");
    EXPECT_EQ(*model::find_attribute(b.meta, "m"), "own");
    EXPECT_EQ(*model::find_attribute(b.parameters, "x"), "1");
    ASSERT_EQ(b.operations.size(), 1U);
    EXPECT_EQ(b.operations[0].timeout_ms, 5000U);
    EXPECT_EQ(a.operations[0].interval_ms, 7000U);
}

TEST(Cib, ResourcesNest) {
    const auto facts = facts_of(
        "<resources><clone id='c'><meta_attributes id='cm'><nvpair id='cm1' name='promotable' "
        "value='true'/></meta_attributes><group id='g'><primitive id='p' class='ocf' provider='h' "
        "type='T'/><primitive id='q' class='systemd' type='u'/></group></clone>"
        "<bundle id='b'><podman image='i' replicas='3' promoted-max='1'/><primitive id='in' "
        "class='ocf' provider='h' type='T'/></bundle></resources>");
    ASSERT_TRUE(facts);
    ASSERT_EQ(facts->resources.size(), 6U);
    EXPECT_TRUE(facts->resources.find("c")->promotable);
    EXPECT_EQ(facts->resources.find("g")->parent, "c");
    EXPECT_EQ(facts->resources.find("g")->children, (std::vector<std::string>{"p", "q"}));
    EXPECT_EQ(facts->resources.find("q")->agent(), "systemd:u");
    EXPECT_EQ(facts->resources.find("b")->bundle->replicas, 3U);
    EXPECT_EQ(facts->resources.find("b")->bundle->technology, "podman");
    EXPECT_EQ(facts->resources.find("in")->parent, "b");
}

TEST(Cib, ConstraintsOfEveryForm) {
    const auto facts = facts_of(
        "<constraints><rsc_location id='l1' rsc='a' node='n' score='-INFINITY'/>"
        "<rsc_location id='l2' rsc-pattern='!^x'><rule id='r' boolean-op='or' score='5'>"
        "<expression id='e' attribute='#uname' operation='eq' value='n'/></rule>"
        "<rule id='r2' score='1'><date_expression id='d' operation='gt' start='2020-01-01'/></rule>"
        "</rsc_location><rsc_colocation id='c' rsc='a' with-rsc='b' score='INFINITY'/>"
        "<rsc_order id='o' first='a' then='b' kind='Optional'/>"
        "<rsc_order id='s'><resource_set id='s1' require-all='false' sequential='false'>"
        "<resource_ref id='a'/><resource_ref id='b'/></resource_set></rsc_order>"
        "<rsc_ticket id='t' rsc='a' ticket='T' loss-policy='fence'/></constraints>",
        "<tickets><ticket_state id='T' granted='true'/></tickets>");
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->locations.find("l1")->score, -model::score_infinity);
    const auto& l2 = *facts->locations.find("l2");
    EXPECT_EQ(l2.pattern, "!^x");
    ASSERT_EQ(l2.rules.size(), 2U);
    EXPECT_TRUE(l2.rules[0].simple && l2.rules[0].any);
    EXPECT_EQ(l2.rules[0].terms.size(), 1U);
    EXPECT_FALSE(l2.rules[1].simple);
    EXPECT_EQ(facts->colocations.find("c")->score, model::score_infinity);
    EXPECT_FALSE(facts->orders.find("o")->mandatory);
    EXPECT_FALSE(facts->orders.find("s")->sets.at(0).require_all);
    EXPECT_EQ(facts->orders.find("s")->sets.at(0).resources.size(), 2U);
    EXPECT_EQ(facts->ticket_constraints.find("t")->loss_policy, "fence");
    EXPECT_TRUE(facts->tickets.find("T")->granted);
}

TEST(Cib, NodeStatesOfOldAndNewReleases) {
    const auto facts = facts_of(
        "", "<node_state id='1' uname='a' in_ccm='true' crmd='online' join='member'/>"
            "<node_state id='2' uname='b' in_ccm='1700000000' crmd='1700000001' join='member'/>"
            "<node_state id='3' uname='c' in_ccm='0' crmd='0' join='down'/>"
            "<node_state id='4' uname='d' in_ccm='false' crmd='offline' join='down'/>"
            "<node_state id='r' uname='r' remote_node='true' node_fenced='0'/>");
    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->status[0]->in_ccm && facts->status[0]->controller);
    EXPECT_TRUE(facts->status[1]->in_ccm && facts->status[1]->controller);
    EXPECT_FALSE(facts->status[2]->in_ccm || facts->status[2]->controller);
    EXPECT_FALSE(facts->status[3]->in_ccm || facts->status[3]->controller);
    EXPECT_TRUE(facts->status[4]->remote);
}

TEST(Cib, HistoryAndFailureCounters) {
    const auto facts = facts_of(
        "", "<node_state id='1' uname='a'><transient_attributes id='1'><instance_attributes id='s'>"
            "<nvpair id='1a' name='fail-count-r_1#monitor_10000' value='INFINITY'/>"
            "<nvpair id='1b' name='last-failure-r_1#monitor_10000' value='1700000000'/>"
            "<nvpair id='1c' name='fail-count-old' value='3'/><nvpair id='1d' name='x' value='y'/>"
            "</instance_attributes></transient_attributes><lrm id='1'><lrm_resources>"
            "<lrm_resource id='r_1' class='ocf' provider='p' type='T'><lrm_rsc_op id='r_1_last_0' "
            "operation='start' call-id='7' rc-code='0' op-status='0' interval='0' "
            "transition-magic='0:0;3:5:7:uuid' last-rc-change='12' exit-reason='why'/>"
            "</lrm_resource></lrm_resources></lrm></node_state>");
    ASSERT_TRUE(facts);
    const auto& node = *facts->status[0];
    ASSERT_EQ(node.failures->size(), 2U);
    EXPECT_EQ(node.failures->at(0),
              (model::failure_facts{"r_1", "monitor", 10000, model::score_infinity, 1700000000}));
    EXPECT_EQ(node.failures->at(1).resource, "old");
    EXPECT_EQ(node.values->size(), 1U);
    const auto& op = node.histories.find("r_1")->operations.at(0);
    EXPECT_EQ(op.call_id, 7);
    EXPECT_EQ(op.expected_rc, 7);
    EXPECT_EQ(op.exit_reason, "why");
}

constexpr const char* two_resources =
    "<cib admin_epoch='0' epoch='1' num_updates='0'><configuration><resources>"
    "<primitive id='a' class='ocf' provider='p' type='T'/><!-- note -->"
    "<primitive id='b' class='ocf' provider='p' type='T'/></resources></configuration>"
    "<status/></cib>";

std::string patchset(const std::string& changes, int source = 0, int target = 1) {
    const auto version = [](int updates) {
        return " admin_epoch='0' epoch='1' num_updates='" + std::to_string(updates) + "'";
    };
    return "<notify><update><diff format='2'><version><source" + version(source) + "/><target" +
           version(target) + "/></version>" + changes +
           "<change operation='modify' path='/cib'><change-result><cib" + version(target) +
           "/></change-result></change></diff></update></notify>";
}

TEST(Patchset, OfAnotherVersionChangesNothing) {
    auto document = cib_document::parse(two_resources);
    EXPECT_EQ(document->apply_patchset(patchset("", 5, 6)), patch_result::version_mismatch);
    EXPECT_EQ(document->apply_patchset(patchset("")), patch_result::ok);
    EXPECT_EQ(document->version().num_updates, 1U);
}

TEST(Patchset, SharesTheFactsItDoesNotTouch) {
    auto document = cib_document::parse(two_resources);
    const auto before = document->facts();
    ASSERT_EQ(document->apply_patchset(patchset(
                  "<change operation='create' path=\"/cib/configuration/resources/primitive[@id='a'"
                  "]\" position='0'><meta_attributes id='m'><nvpair id='n' name='target-role' "
                  "value='Stopped'/></meta_attributes></change>")),
              patch_result::ok);
    const auto after = document->facts();
    EXPECT_NE(after->resources[0], before->resources[0]);
    EXPECT_EQ(after->resources[1], before->resources[1]);
    EXPECT_EQ(*model::find_attribute(after->resources[0]->meta, "target-role"), "Stopped");
    EXPECT_EQ(before->resources[0]->meta.size(), 0U);
    EXPECT_TRUE(after->resources.same_index(before->resources));
}

TEST(Patchset, MovesCreatesAndDeletesByPosition) {
    auto document = cib_document::parse(two_resources);
    ASSERT_EQ(
        document->apply_patchset(patchset(
            "<change operation='delete' path='/cib/configuration/resources/comment' "
            "position='1'/>"
            "<change operation='move' path=\"/cib/configuration/resources/primitive[@id='b']\""
            " position='0'/>"
            "<change operation='create' path='/cib/configuration/resources' position='1'>"
            "<primitive id='c' class='ocf' provider='p' type='T'/></change>")),
        patch_result::ok);
    const auto facts = document->facts();
    ASSERT_EQ(facts->resources.size(), 3U);
    EXPECT_EQ(facts->resources[0]->id, "b");
    EXPECT_EQ(facts->resources[1]->id, "c");
    EXPECT_EQ(facts->resources[2]->id, "a");
    EXPECT_EQ(document->text().find("note"), std::string::npos);
}

TEST(Patchset, ThatDoesNotFitSpendsTheDocument) {
    for (const char* change :
         {"<change operation='modify' path='/cib/nowhere'><change-result><x/></change-result>"
          "</change>",
          "<change operation='explode' path='/cib/status'/>",
          "<change operation='modify' path='/cib/status'/>",
          "<change operation='create' path='/cib/status' position='0'/>",
          "<change operation='move' path='/cib' position='0'/>",
          "<change operation='delete' path='/cib'/>", "<change operation='modify' path='status'/>",
          "<change operation='modify' path='/cib/status[@id=1]'/>"}) {
        auto document = cib_document::parse(two_resources);
        EXPECT_EQ(document->apply_patchset(patchset(change)), patch_result::failed) << change;
        EXPECT_EQ(document->apply_patchset(patchset("")), patch_result::failed);
        EXPECT_EQ(document->facts()->resources.size(), 2U);
    }
}

TEST(Patchset, ThatIsNoPatchsetFails) {
    for (const char* text : {"", "<x/>", "<diff format='1'/>", "<diff format='2'/>",
                             "<!DOCTYPE diff><diff format='2'/>"}) {
        auto document = cib_document::parse(two_resources);
        EXPECT_EQ(document->apply_patchset(text), patch_result::failed) << text;
    }
}

TEST(Patchset, DeletedAlreadyIsNoError) {
    auto document = cib_document::parse(two_resources);
    EXPECT_EQ(document->apply_patchset(patchset(
                  "<change operation='delete' path=\"/cib/configuration/resources/primitive[@id='z'"
                  "]\"/>")),
              patch_result::ok);
}

} // namespace
