// SPDX-License-Identifier: Apache-2.0
// Single rules of the mapping from a CIB to a snapshot.
#include "bridge/model/builder.hpp"
#include "bridge/model/parameters.hpp"
#include "xml/catalogue.hpp"
#include "xml/cib.hpp"

#include <gtest/gtest.h>

namespace {

using namespace bridge;

constexpr const char* two_nodes = "<node id='1' uname='n1.example.com'/><node id='2' uname='n2'/>";

std::string node_state(const char* id, const char* uname, const std::string& inside = "") {
    return std::string("<node_state id='") + id + "' uname='" + uname +
           "' in_ccm='true' crmd='online' join='member' expected='member'>" + inside +
           "</node_state>";
}

std::shared_ptr<const model::cib_facts> facts(const std::string& resources,
                                              const std::string& constraints = "",
                                              const std::string& nodes = two_nodes,
                                              std::string status = "") {
    if (status.empty())
        status = node_state("1", "n1.example.com") + node_state("2", "n2");
    const auto document = xml::cib_document::parse(
        "<cib admin_epoch='0' epoch='1' num_updates='1' have-quorum='1' dc-uuid='2'>"
        "<configuration><crm_config/><nodes>" +
        nodes + "</nodes><resources>" + resources + "</resources><constraints>" + constraints +
        "</constraints></configuration><status>" + status + "</status></cib>");
    return document ? document->facts() : nullptr;
}

std::string primitive(const std::string& id, const std::string& inside = "",
                      const char* provider = "pacemaker", const char* type = "Dummy") {
    return "<primitive id='" + id + "' class='ocf' provider='" + provider + "' type='" + type +
           "'>" + inside + "</primitive>";
}

std::string meta(const std::string& id, const std::string& name, const std::string& value) {
    return "<meta_attributes id='" + id + "-" + name + "-s'><nvpair id='" + id + "-" + name +
           "' name='" + name + "' value='" + value + "'/></meta_attributes>";
}

std::string anchor(const std::string& id, const std::string& inside = "") {
    return primitive(id, inside, "clusbridge", "group");
}

std::string member_of(const std::string& id, const std::string& group) {
    return "<rsc_colocation id='c-" + id + "' rsc='" + id + "' with-rsc='" + group +
           "' score='INFINITY'/><rsc_order id='o-" + id + "' first='" + group + "' then='" + id +
           "'/>";
}

model::builder_settings settings() {
    model::builder_settings made;
    made.cluster_id = *win32::parse_guid("11111111-2222-3333-4444-555555555555");
    return made;
}

model::snapshot_ptr build(const std::shared_ptr<const model::cib_facts>& from,
                          const std::shared_ptr<const model::membership>& members = nullptr,
                          bool settled = true) {
    static const auto types = xml::catalogue::built_in().types({});
    model::builder made(settings());
    return made.build(from, members, types, settled);
}

TEST(Snapshot, OfNothingHasACluster) {
    model::builder made(settings());
    const auto shown = made.build(nullptr, nullptr, nullptr, false);
    EXPECT_EQ(shown->info->name, "cluster");
    EXPECT_EQ(shown->nodes.size(), 0U);
    ASSERT_TRUE(shown->groups.find("Cluster Group"));
    EXPECT_EQ(shown->groups.find("Cluster Group")->state, model::group_state::offline);
    EXPECT_EQ(shown->groups.find("Available Storage")->type, 2U);
}

TEST(Snapshot, NodeNameIsTheFirstLabel) {
    const auto shown = build(facts(""));
    ASSERT_EQ(shown->nodes.size(), 2U);
    EXPECT_EQ(shown->nodes[0]->name, "n1");
    EXPECT_EQ(shown->nodes[0]->id, "1");
    EXPECT_EQ(shown->nodes[0]->cib_id, "n1.example.com");
    EXPECT_EQ(shown->nodes[0]->state, model::node_state::up);
}

TEST(Snapshot, RemoteNodeHasAnIdAboveAThousandOrTheStoredOne) {
    const auto derived = build(facts(primitive("far", "", "pacemaker", "remote")));
    ASSERT_TRUE(derived->nodes.find("far"));
    EXPECT_GT(std::stoul(derived->nodes.find("far")->id), 1000U);
    EXPECT_TRUE(derived->nodes.find("far")->remote);
    EXPECT_EQ(derived->nodes.find("far")->state, model::node_state::down);
    EXPECT_EQ(derived->resources.find("far")->possible_owners,
              (std::vector<std::string>{"1", "2"}));
    const auto stored =
        build(facts(primitive("far", "", "pacemaker", "remote"), "",
                    std::string(two_nodes) + "<node id='far' uname='far' type='remote'>"
                                             "<instance_attributes id='i'><nvpair id='v' "
                                             "name='clusbridge-node-id' value='1234'/>"
                                             "</instance_attributes></node>"));
    EXPECT_EQ(stored->nodes.find("far")->id, "1234");
}

TEST(Snapshot, MembershipDecidesWhetherANodeIsThere) {
    auto members = std::make_shared<model::membership>();
    members->cluster_name = "corosync's";
    members->quorate = true;
    members->members = {{1, "n1", true, 1, 1}, {2, "n2", false, 1, 0}};
    const auto shown = build(facts(""), members);
    EXPECT_EQ(shown->nodes[0]->state, model::node_state::up);
    EXPECT_EQ(shown->nodes[1]->state, model::node_state::down);
    EXPECT_EQ(shown->nodes[1]->dynamic_weight, 0U);
    EXPECT_EQ(shown->info->name, "corosync's");
    EXPECT_TRUE(shown->quorum_info.quorate);
}

TEST(Snapshot, PauseAttributeAndStandbyPause) {
    const std::string values = "<transient_attributes id='1'><instance_attributes id='t'><nvpair "
                               "id='v' name='clusbridge-pause' value='true'/>"
                               "</instance_attributes></transient_attributes>";
    const auto shown = build(facts(
        "", "", two_nodes, node_state("1", "n1.example.com", values) + node_state("2", "n2")));
    EXPECT_EQ(shown->nodes[0]->state, model::node_state::paused);
    EXPECT_EQ(shown->nodes[1]->state, model::node_state::up);
}

TEST(Snapshot, AnchorsMembersFormAGroup) {
    const auto shown = build(facts(
        anchor("grp", meta("grp", "clusbridge-name", "Web") +
                          meta("grp", "clusbridge-id", "{0B8A55F1-6D0C-4D19-BD7C-9D9DE0F3A001}")) +
            primitive("a") + primitive("b") + primitive("c") + primitive("out"),
        member_of("a", "grp") + member_of("b", "grp") + member_of("c", "grp") +
            "<rsc_order id='or'><resource_set id='s1' require-all='false' "
            "sequential='false'><resource_ref id='a'/><resource_ref id='b'/></resource_set>"
            "<resource_set id='s2'><resource_ref id='c'/></resource_set></rsc_order>"
            "<rsc_order id='far' first='out' then='c'/>"
            "<rsc_order id='soft' first='out' then='a' kind='Optional'/>"));
    const auto group = shown->groups.find("web");
    ASSERT_TRUE(group);
    EXPECT_EQ(group->id, "0b8a55f1-6d0c-4d19-bd7c-9d9de0f3a001");
    EXPECT_EQ(group->kind, model::group_kind::anchor);
    EXPECT_EQ(group->resources.size(), 3U);
    EXPECT_FALSE(shown->resources.find("grp")) << "the anchor is no resource";
    EXPECT_EQ(shown->groups.find("out")->kind, model::group_kind::lone_primitive);
    const auto a = shown->resources.find("a");
    const auto b = shown->resources.find("b");
    const auto c = shown->resources.find("c");
    EXPECT_EQ(c->dependencies, (std::vector<std::vector<std::string>>{{a->id, b->id}}));
    EXPECT_EQ(a->dependents, std::vector<std::string>{c->id});
    const auto* orders = model::find_property(c->private_properties, model::other_orders_property);
    ASSERT_NE(orders, nullptr);
    EXPECT_EQ(orders->value, model::property_value(std::vector<std::string>{"far"}));
    EXPECT_EQ(model::find_property(a->private_properties, model::other_orders_property), nullptr);
}

TEST(Snapshot, OrdersThatCloseACircleAreLeftOut) {
    const auto shown = build(facts(anchor("g") + primitive("a") + primitive("b"),
                                   member_of("a", "g") + member_of("b", "g") +
                                       "<rsc_order id='x' first='a' then='b'/>"
                                       "<rsc_order id='y' first='b' then='a'/>"
                                       "<rsc_order id='z' first='a' then='b'/>"));
    EXPECT_EQ(shown->resources.find("b")->dependencies.size(), 1U);
    EXPECT_TRUE(shown->resources.find("a")->dependencies.empty());
}

TEST(Snapshot, NamesThatDifferInCaseOnlyGetANumber) {
    const auto shown = build(facts(primitive("disk") + primitive("Disk") + primitive("DISK")));
    EXPECT_EQ(shown->resources[0]->name, "disk");
    EXPECT_EQ(shown->resources[1]->name, "Disk (2)");
    EXPECT_EQ(shown->resources[2]->name, "DISK (3)");
    EXPECT_EQ(shown->groups[1]->name, "Disk (2)");
    EXPECT_EQ(shown->resources[1]->cib_id, "Disk");
}

TEST(Snapshot, AStoredIdThatRepeatsCountsOnce) {
    const std::string id = "0b8a55f1-6d0c-4d19-bd7c-9d9de0f3a001";
    const auto shown = build(facts(primitive("a", meta("a", "clusbridge-id", id)) +
                                   primitive("b", meta("b", "clusbridge-id", id))));
    EXPECT_EQ(shown->resources.find("a")->id, id);
    EXPECT_NE(shown->resources.find("b")->id, id);
}

TEST(Snapshot, OwnerOfAnOfflineGroupIsWhereItLastRan) {
    const auto ran = [](int call, const char* operation) {
        return std::string(
                   "<lrm id='1'><lrm_resources><lrm_resource id='r'><lrm_rsc_op id='r_last_0'"
                   " operation='") +
               operation + "' call-id='" + std::to_string(call) +
               "' rc-code='0' op-status='0' interval='0' last-rc-change='" +
               std::to_string(1000 + call) + "'/></lrm_resource></lrm_resources></lrm>";
    };
    const std::string stopped = primitive("r", meta("r", "target-role", "Stopped"));
    EXPECT_EQ(build(facts(stopped, "", two_nodes,
                          node_state("1", "n1.example.com", ran(9, "stop")) +
                              node_state("2", "n2", ran(5, "stop"))))
                  ->groups.find("r")
                  ->owner,
              "1");
    EXPECT_EQ(
        build(facts(stopped, "<rsc_location id='l' rsc='r' node='n1.example.com' score='5'/>"))
            ->groups.find("r")
            ->owner,
        "1")
        << "never ran: the preferred node";
    EXPECT_EQ(build(facts(stopped))->groups.find("r")->owner, "2") << "else the controller";
}

TEST(Snapshot, MovesAreNoPreferencesAndBansAreNoPossibleOwners) {
    const auto shown =
        build(facts(primitive("r"), "<rsc_location id='cli-prefer-r' rsc='r' node='n2' "
                                    "score='INFINITY'/><rsc_location id='l' rsc='r' "
                                    "node='n1.example.com' score='-INFINITY'/>"));
    EXPECT_TRUE(shown->groups.find("r")->preferred_owners.empty());
    EXPECT_EQ(shown->resources.find("r")->possible_owners, std::vector<std::string>{"2"});
}

TEST(Snapshot, PauseRuleIsNoBan) {
    const auto shown = build(
        facts(primitive("r"),
              "<rsc_location id='p' rsc-pattern='!^grp-'><rule id='pr' score='-999999'><expression "
              "id='pe' attribute='#uname' operation='eq' value='n2'/></rule></rsc_location>"));
    EXPECT_EQ(shown->resources.find("r")->possible_owners.size(), 2U);
}

TEST(Snapshot, AStorageResourceThatIsNotMonitoredIsInMaintenance) {
    const auto maintained = [](const std::string& inside, const char* provider, const char* type) {
        return build(facts(primitive("r", inside, provider, type)))
            ->resources.find("r")
            ->maintenance;
    };
    EXPECT_FALSE(maintained("", "clusbridge", "disk"));
    EXPECT_TRUE(maintained(meta("r", "maintenance", "true"), "clusbridge", "disk"));
    EXPECT_FALSE(maintained(meta("r", "is-managed", "false"), "clusbridge", "disk"))
        << "still monitored";
    EXPECT_FALSE(maintained(meta("r", "maintenance", "true"), "pacemaker", "Dummy"))
        << "no storage";
}

TEST(Snapshot, AnchorMarkedCoreReplacesTheVirtualGroup) {
    const auto shown = build(facts(anchor("core", meta("core", "clusbridge-core", "cluster")) +
                                       primitive("name", meta("name", "clusbridge-core", "true")),
                                   member_of("name", "core")));
    ASSERT_TRUE(shown->groups.find("Cluster Group"));
    EXPECT_EQ(shown->groups.find("Cluster Group")->cib_id, "core");
    EXPECT_EQ(shown->groups.find("Cluster Group")->flags, model::flag_core);
    EXPECT_EQ(shown->resources.find("name")->flags, model::flag_core);
    EXPECT_EQ(shown->resources.size(), 1U);
    EXPECT_EQ(shown->groups.size(), 2U);
}

std::shared_ptr<model::membership> two_links() {
    auto members = std::make_shared<model::membership>();
    members->quorate = true;
    members->members = {{1, "n1", true, 1, 1}, {2, "n2", true, 1, 1}};
    members->addresses = {{1, 0, "10.0.0.1", 24, "eth0", "if-1", false},
                          {2, 0, "10.0.0.2", 24, "eth0", "if-1", false},
                          {1, 1, "fd00::1", 64, "eth1", "if-2", true},
                          {2, 1, "fd00::2", 64, "", "", false}};
    members->views = {{1, 2, 0, true}, {2, 1, 0, true}, {1, 2, 1, false}, {2, 1, 1, true}};
    return members;
}

TEST(Snapshot, LinksAreNetworks) {
    const auto shown = build(facts(primitive("ip",
                                             "<instance_attributes id='i'><nvpair id='v' "
                                             "name='ip' value='10.0.0.77'/></instance_attributes>",
                                             "heartbeat", "IPaddr2")),
                             two_links());
    ASSERT_EQ(shown->networks.size(), 2U);
    EXPECT_EQ(shown->networks[0]->name, "Cluster Network 1");
    EXPECT_EQ(shown->networks[0]->address, "10.0.0.0");
    EXPECT_EQ(shown->networks[0]->mask, "255.255.255.0");
    EXPECT_EQ(shown->networks[0]->state, model::network_state::up);
    EXPECT_EQ(shown->networks[1]->mask, "");
    EXPECT_EQ(shown->networks[1]->state, model::network_state::up);
    ASSERT_EQ(shown->interfaces.size(), 4U);
    EXPECT_TRUE(shown->interfaces.find("n1 - eth0"));
    EXPECT_TRUE(shown->interfaces.find("n2 - Link 1"));
    const auto ip = shown->resources.find("ip");
    EXPECT_EQ(ip->type, "IP Address");
    EXPECT_EQ(ip->class_, model::resource_class::network);
    EXPECT_EQ(model::find_property(ip->private_properties, "network")->value,
              model::property_value(std::string("Cluster Network 1")));
}

TEST(Builder, SharesEverythingWhenOnlyTheVersionDiffers) {
    model::builder made(settings());
    const auto first = facts(primitive("a") + primitive("b"));
    const auto before = made.build(first, two_links(), nullptr, true);
    auto next = std::make_shared<model::cib_facts>(*first);
    next->version.num_updates = 99;
    const auto after = made.build(next, two_links(), nullptr, true);
    EXPECT_EQ(after->version.num_updates, 99U);
    for (std::size_t i = 0; i < before->resources.size(); ++i)
        EXPECT_EQ(before->resources[i], after->resources[i]);
    for (std::size_t i = 0; i < before->groups.size(); ++i)
        EXPECT_EQ(before->groups[i], after->groups[i]);
    EXPECT_EQ(before->info, after->info);
    EXPECT_EQ(before->networks[0], after->networks[0]);
}

TEST(Builder, SettlingChangesOnlyWhatWaits) {
    model::builder made(settings());
    const auto waiting =
        facts(primitive("a") + primitive("b", meta("b", "target-role", "Stopped")));
    const auto before = made.build(waiting, nullptr, nullptr, false);
    const auto after = made.build(waiting, nullptr, nullptr, true);
    EXPECT_EQ(before->resources.find("a")->state, model::resource_state::online_pending);
    EXPECT_EQ(before->groups.find("a")->state, model::group_state::pending);
    EXPECT_EQ(after->resources.find("a")->state, model::resource_state::offline);
    EXPECT_EQ(after->groups.find("a")->state, model::group_state::offline);
    EXPECT_EQ(before->resources.find("b"), after->resources.find("b"));
    EXPECT_EQ(before->groups.find("b"), after->groups.find("b"));
}

TEST(Builder, NewSettingsShowWithTheNextSnapshot) {
    model::builder made(settings());
    const auto some = facts(primitive("a"));
    EXPECT_EQ(made.build(some, nullptr, nullptr, true)->info->name, "cluster");
    auto renamed = settings();
    renamed.cluster_name = "prod";
    made.set_settings(renamed);
    EXPECT_EQ(made.build(some, nullptr, nullptr, true)->info->name, "prod");
}

} // namespace
