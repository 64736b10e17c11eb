// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>

namespace bridge::clusapi::test {

namespace {

template <class T>
std::shared_ptr<const T> frozen(T value) {
    return std::make_shared<const T>(std::move(value));
}

std::shared_ptr<const model::node> make_node(std::string id, model::node_state state) {
    model::node out;
    out.id = id;
    out.name = "node" + id;
    out.cib_id = out.name;
    out.state = state;
    return frozen(std::move(out));
}

model::resource make_resource(std::string_view id, std::string name, std::string type,
                              std::string_view group) {
    model::resource out;
    out.id = id;
    out.name = std::move(name);
    out.type = std::move(type);
    out.group = group;
    out.state = model::resource_state::online;
    out.persistent_online = true;
    out.possible_owners = {"1", "2"};
    return out;
}

model::property_schema entry(std::string name, model::property_format format) {
    model::property_schema out;
    out.name = std::move(name);
    out.format = format;
    out.default_value = model::empty_value(format);
    return out;
}

model::collection<model::resource_type> make_types() {
    using model::property_format;
    model::resource_type ip;
    ip.name = ip.display_name = "IP Address";
    ip.dll_name = "ocf:heartbeat:IPaddr2";
    ip.agents = {{ip.dll_name, {}, {}, false}};
    ip.class_ = model::resource_class::network;
    ip.subclass = model::subclass_shared;
    ip.nodes = {"1", "2"};
    ip.resource_private_schema = {entry("Address", property_format::sz),
                                  entry("EnableDhcp", property_format::dword),
                                  entry("DhcpServer", property_format::sz)};
    ip.resource_private_schema[2].read_only = true;
    model::resource_type disk;
    disk.name = disk.display_name = "Physical Disk";
    disk.agents = {{"ocf:clusbridge:disk", {}, {}, false}};
    disk.class_ = model::resource_class::storage;
    disk.subclass = model::subclass_shared;
    disk.characteristics = 1;
    disk.arbitration_timeout_s = 20;
    disk.nodes = {"1"};
    model::resource_type site;
    site.name = site.display_name = "ocf:heartbeat:apache";
    site.agents = {{site.name, {}, {}, false}};
    site.required_dependencies = {{model::resource_class::storage, 0, ""},
                                  {model::resource_class::unknown, 0, "IP Address"}};
    site.resource_private_schema = {entry("password", property_format::sz),
                                    entry("configfile", property_format::expand_sz)};
    site.resource_private_schema[0].secret = true;
    model::resource_type name;
    name.name = name.display_name = "Network Name";
    name.resource_private_schema = {entry("Name", property_format::sz)};
    return model::collection<model::resource_type>(
        {frozen(ip), frozen(disk), frozen(site), frozen(name)});
}

model::collection<model::resource> make_resources() {
    using model::property_format;
    model::resource ip = make_resource(ip_id, "Web Address", "IP Address", web_id);
    ip.class_ = model::resource_class::network;
    ip.subclass = model::subclass_shared;
    ip.dependents = {std::string(site_id)};
    ip.private_properties = {{"Address", property_format::sz, std::string("10.0.0.5")},
                             {"Colour", property_format::sz, std::string("blue")}};
    model::resource disk = make_resource(disk_id, "Web Disk", "Physical Disk", web_id);
    disk.class_ = model::resource_class::storage;
    disk.subclass = model::subclass_shared;
    disk.characteristics = 1;
    disk.dependents = {std::string(site_id)};
    model::resource site = make_resource(site_id, "Web Site", "ocf:heartbeat:apache", web_id);
    site.dependencies = {{std::string(ip_id), std::string(name_id)}, {std::string(disk_id)}};
    site.state = model::resource_state::failed;
    site.private_properties = {{"password", property_format::sz, std::string("hunter2")},
                               {"configfile", property_format::expand_sz, std::string("%X%")}};
    model::resource name = make_resource(name_id, "Cluster Name", "Network Name", core_id);
    name.flags = model::flag_core;
    name.private_properties = {{"Name", property_format::sz, std::string("DEMO")}};
    return model::collection<model::resource>(
        {frozen(ip), frozen(disk), frozen(site), frozen(name)});
}

model::group make_group(std::string_view id, std::string name, model::group_state state) {
    model::group out;
    out.id = id;
    out.name = std::move(name);
    out.state = state;
    out.owner = "1";
    return out;
}

model::collection<model::group> make_groups() {
    model::group web = make_group(web_id, "Web", model::group_state::failed);
    web.resources = {std::string(ip_id), std::string(disk_id), std::string(site_id)};
    web.preferred_owners = {"2", "1"};
    web.persistent_online = true;
    web.common = {{"Priority", model::property_format::dword, std::uint32_t{3000}}};
    const model::group empty = make_group(empty_id, "Empty", model::group_state::offline);
    model::group core = make_group(core_id, "Cluster Group", model::group_state::online);
    core.flags = model::flag_core;
    core.type = 1;
    core.resources = {std::string(name_id)};
    return model::collection<model::group>({frozen(web), frozen(empty), frozen(core)});
}

std::shared_ptr<const model::net_interface> make_link(std::string_view id, std::string node) {
    model::net_interface out;
    out.id = id;
    out.name = "node" + node + " - Ethernet";
    out.node = node;
    out.network = network_id;
    out.adapter = "Ethernet";
    out.address = "10.0.0." + node;
    out.state = model::net_interface_state::up;
    return frozen(std::move(out));
}

std::shared_ptr<const auth::identity> member_of(std::vector<win32::sid> sids) {
    auth::identity out;
    out.account = "someone";
    out.domain = "DEMO";
    out.sids = std::move(sids);
    return frozen(std::move(out));
}

dcerpc::response run_to_end(boost::asio::awaitable<dcerpc::response> work) {
    boost::asio::io_context context(1);
    std::optional<dcerpc::response> out;
    boost::asio::co_spawn(context, std::move(work),
                          [&out](const std::exception_ptr& error, dcerpc::response answer) {
                              if (error)
                                  std::rethrow_exception(error);
                              out = std::move(answer);
                          });
    context.run();
    EXPECT_TRUE(out) << "the method waits for ever";
    return out ? std::move(*out) : dcerpc::response{};
}

const win32::sid somebody{5, {21, 1, 2, 3, 1000}};
const win32::sid administrators{5, {32, 544}};
const win32::sid authenticated{5, {11}};

} // namespace

model::snapshot demo_snapshot() {
    model::snapshot out;
    model::cluster info;
    info.id = "00000000-1111-2222-3333-444444444444";
    info.name = "DEMO";
    info.domain = "example.test";
    out.info = frozen(std::move(info));
    out.nodes = model::collection<model::node>(
        {make_node("1", model::node_state::up), make_node("2", model::node_state::down)});
    out.types = make_types();
    out.resources = make_resources();
    out.groups = make_groups();
    model::network network;
    network.id = network_id;
    network.name = "Cluster Network 1";
    network.state = model::network_state::up;
    network.address = "10.0.0.0";
    network.mask = "255.255.255.0";
    out.networks = model::collection<model::network>({frozen(std::move(network))});
    out.interfaces = model::collection<model::net_interface>(
        {make_link(link1_id, "1"), make_link(link2_id, "2")});
    out.quorum_info.votes = 1;
    out.quorum_info.expected_votes = 2;
    return out;
}

std::shared_ptr<const auth::identity> administrator() {
    return member_of({{5, {21, 1, 2, 3, 500}}, administrators, authenticated});
}

std::shared_ptr<const auth::identity> backup_operator() {
    return member_of({{5, {21, 1, 2, 3, 600}}, {5, {32, 551}}, authenticated});
}

std::shared_ptr<const auth::identity> reader() {
    return member_of({somebody, authenticated});
}

std::shared_ptr<const auth::identity> stranger() {
    return member_of({{5, {21, 1, 2, 3, 666}}, authenticated});
}

std::shared_ptr<const win32::security_descriptor> descriptor_with_reader() {
    win32::acl list;
    list.entries.resize(2);
    list.entries[0].mask = win32::rights::cluster_all;
    list.entries[0].trustee = administrators;
    list.entries[1].mask = win32::rights::cluster_read;
    list.entries[1].trustee = somebody;
    win32::security_descriptor out;
    out.owner = administrators;
    out.group = administrators;
    out.set_dacl(std::move(list));
    return frozen(std::move(out));
}

dcerpc::response peer::send(std::uint16_t opnum, std::vector<std::byte> stub) {
    const auto rpc = std::make_shared<dcerpc::call>();
    rpc->target = &target;
    rpc->opnum = opnum;
    rpc->syntax =
        form_ == ndr::syntax::ndr ? dcerpc::transfer_syntax::ndr : dcerpc::transfer_syntax::ndr64;
    rpc->level = auth::protection_level::privacy;
    rpc->caller = caller;
    rpc->handles = &handles;
    rpc->peer = "127.0.0.1:1024";
    dcerpc::response answer;
    const auto& run = target.methods[opnum].run;
    if (const auto* at_once = std::get_if<dcerpc::immediate_method>(&run))
        (*at_once)(target.service, *rpc, stub, answer);
    else if (const auto* later = std::get_if<dcerpc::suspended_method>(&run))
        answer = run_to_end((*later)(target.service, rpc, std::move(stub)));
    else
        answer.status = dcerpc::fault::op_range;
    fault = answer.status;
    closed = rpc->close_after_response;
    return answer;
}

ndr::context_handle peer::open_cluster() {
    return ask<wire::ApiOpenCluster>({}).result;
}

ndr::context_handle peer::open_group(std::string_view name) {
    return ask<wire::ApiOpenGroup>({w(name)}).result;
}

ndr::context_handle peer::open_resource(std::string_view name) {
    return ask<wire::ApiOpenResource>({w(name)}).result;
}

ndr::context_handle peer::open_node(std::string_view name) {
    return ask<wire::ApiOpenNode>({w(name)}).result;
}

ndr::context_handle peer::root_key(std::uint32_t rights) {
    return ask<wire::ApiGetRootKey>({rights}).result;
}

std::vector<std::string> lines(const std::optional<wire::ENUM_LIST>& list) {
    std::vector<std::string> out;
    if (!list)
        return {"<null>"};
    EXPECT_EQ(list->EntryCount, list->Entry.size());
    for (const wire::ENUM_ENTRY& e : list->Entry)
        out.push_back(std::to_string(e.Type) + ":" + n(e.Name));
    return out;
}

} // namespace bridge::clusapi::test
