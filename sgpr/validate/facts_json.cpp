// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/facts_json.hpp"

#include "sgpr/validate/json_read.hpp"

#include <boost/json/array.hpp>

namespace sgpr::validate {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& all) {
    json::array made;
    for (const auto& one : all) {
        made.emplace_back(one);
    }
    return made;
}

json::object to_json(const path_facts& is) {
    return {{"device", is.device},   {"block", is.block},         {"address", is.address},
            {"adapter", is.adapter}, {"initiator", is.initiator}, {"target_port", is.target_port},
            {"serial", is.serial},   {"blocks", is.blocks}};
}

json::object to_json(const disk_facts& is) {
    json::array paths;
    for (const auto& one : is.paths) {
        paths.emplace_back(to_json(one));
    }
    json::array volumes;
    for (const auto& one : is.volumes) {
        volumes.emplace_back(json::object{
            {"number", one.number}, {"file_system", one.file_system}, {"bytes", one.bytes}});
    }
    return {{"id", is.id},
            {"serial", is.serial},
            {"vendor", is.vendor},
            {"product", is.product},
            {"revision", is.revision},
            {"bus", is.bus},
            {"blocks", is.blocks},
            {"block_size", is.block_size},
            {"style", is.style},
            {"signature", is.signature},
            {"multipath", is.multipath},
            {"queues_without_path", is.queues_without_path},
            {"write_protected", is.write_protected},
            {"removable", is.removable},
            {"in_use", texts(is.in_use)},
            {"designators", texts(is.designators)},
            {"paths", std::move(paths)},
            {"volumes", std::move(volumes)}};
}

path_facts path_from(const json::object& from) {
    return {text_at(from, "device"),  text_at(from, "block"),     text_at(from, "address"),
            text_at(from, "adapter"), text_at(from, "initiator"), text_at(from, "target_port"),
            text_at(from, "serial"),  number_at(from, "blocks")};
}

disk_facts disk_from(const json::object& from) {
    disk_facts is;
    is.id = text_at(from, "id");
    is.serial = text_at(from, "serial");
    is.vendor = text_at(from, "vendor");
    is.product = text_at(from, "product");
    is.revision = text_at(from, "revision");
    is.bus = text_at(from, "bus");
    is.blocks = number_at(from, "blocks");
    is.block_size = static_cast<std::uint32_t>(number_at(from, "block_size", 65536));
    is.style = text_at(from, "style");
    is.signature = text_at(from, "signature");
    is.multipath = text_at(from, "multipath");
    is.queues_without_path = flag_at(from, "queues_without_path");
    is.write_protected = flag_at(from, "write_protected");
    is.removable = flag_at(from, "removable");
    each_at(from, "in_use", 16, [&](const auto& one) { is.in_use.push_back(text_of(one)); });
    each_at(from, "designators", max_designators_told,
            [&](const auto& one) { is.designators.push_back(text_of(one)); });
    each_object_at(from, "paths", max_paths_listed,
                   [&](const auto& one) { is.paths.push_back(path_from(one)); });
    each_object_at(from, "volumes", max_volumes, [&](const auto& one) {
        is.volumes.push_back({static_cast<std::uint32_t>(number_at(one, "number", 0xffff)),
                              text_at(one, "file_system"), number_at(one, "bytes")});
    });
    return is;
}

} // namespace

json::object to_json(const node_facts& node) {
    json::array disks;
    for (const auto& one : node.disks) {
        disks.emplace_back(to_json(one));
    }
    return {{"name", node.name},
            {"system", node.system},
            {"kernel", node.kernel},
            {"version", node.version},
            {"multipath", node.multipath},
            {"disks", std::move(disks)},
            {"problems", texts(node.problems)}};
}

node_facts node_from(const json::object& from) {
    node_facts node;
    node.name = text_at(from, "name");
    node.system = text_at(from, "system");
    node.kernel = text_at(from, "kernel");
    node.version = text_at(from, "version");
    node.multipath = text_at(from, "multipath");
    each_object_at(from, "disks", max_disks,
                   [&](const auto& one) { node.disks.push_back(disk_from(one)); });
    each_at(from, "problems", 64, [&](const auto& one) { node.problems.push_back(text_of(one)); });
    return node;
}

} // namespace sgpr::validate
