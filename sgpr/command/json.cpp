// SPDX-License-Identifier: Apache-2.0
#include "sgpr/command/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace sgpr::command_line {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::string& value) {
    return value.empty() ? json::value(nullptr) : json::value(value);
}

json::object path_to_json(const disk_path& path) {
    json::object out;
    out["block"] = text_or_null(path.block);
    out["generic"] = text_or_null(path.generic);
    out["address"] = path.address ? json::value(text(*path.address)) : json::value(nullptr);
    out["state"] = text_or_null(path.state);
    out["live"] = path.live;
    out["in_map"] = path.in_map;
    out["initiator"] = path.initiator ? json::value(text(*path.initiator)) : json::value(nullptr);
    out["target_port"] = path.target_port ? json::value(*path.target_port) : json::value(nullptr);
    out["problem"] = path.problem ? json::value(text(*path.problem)) : json::value(nullptr);
    return out;
}

json::array flags_to_json(const std::vector<disk_flag>& flags) {
    json::array out;
    for (const disk_flag flag : flags)
        out.emplace_back(text(flag));
    return out;
}

template <class Texts>
json::array texts_to_json(const Texts& texts) {
    json::array out;
    for (const std::string& one : texts)
        out.emplace_back(one);
    return out;
}

json::object content_to_json(const disk_content& content) {
    json::object out;
    out["style"] = text(content.style);
    out["signature"] = content.signature ? json::value(*content.signature) : json::value(nullptr);
    out["guid"] = text_or_null(content.guid);
    out["partitions"] = content.partitions;
    out["formats"] = texts_to_json(content.formats);
    return out;
}

} // namespace

json::object to_json(const disk& one) {
    json::object out;
    out["id"] = one.identity ? json::value(text(*one.identity)) : json::value(nullptr);
    out["device"] = one.device();
    out["map"] = one.map ? json::value(one.map->name) : json::value(nullptr);
    out["vendor"] = text_or_null(one.vendor);
    out["product"] = text_or_null(one.product);
    out["revision"] = text_or_null(one.revision);
    out["serial"] = text_or_null(one.serial);
    out["bus"] = text(one.bus);
    out["adapter"] = text_or_null(one.adapter);
    out["blocks"] = one.size ? json::value(one.size->blocks) : json::value(nullptr);
    out["block_size"] = one.size ? json::value(one.size->block_size) : json::value(nullptr);
    out["physical_block_size"] = one.physical_block_size;
    out["content"] = content_to_json(one.content);
    out["mount_points"] = texts_to_json(one.mount_points);
    out["flags"] = flags_to_json(one.flags.all());
    out["clusterable"] = one.clusterable();
    out["obstacles"] = flags_to_json(one.flags.obstacles());
    json::array& paths = out["paths"].emplace_array();
    for (const disk_path& path : one.paths)
        paths.emplace_back(path_to_json(path));
    out["reservations"] =
        one.reservations ? json::value(to_json(*one.reservations)) : json::value(nullptr);
    return out;
}

json::object to_json(const reservation_picture& picture) {
    json::object out;
    out["generation"] = picture.generation;
    json::array& keys = out["keys"].emplace_array();
    for (const key one : picture.keys)
        keys.emplace_back(text(one));
    out["reservation"] = nullptr;
    if (picture.held) {
        json::object& held = out["reservation"].emplace_object();
        held["holder"] =
            picture.held->holder ? json::value(text(picture.held->holder)) : json::value(nullptr);
        held["type"] = static_cast<unsigned>(picture.held->type);
    }
    out["registrations"] = nullptr;
    if (!picture.registrations)
        return out;
    json::array& all = out["registrations"].emplace_array();
    for (const registration& one : *picture.registrations) {
        json::object entry;
        entry["key"] = text(one.registered);
        entry["initiator"] = text(one.initiator);
        entry["target_port"] =
            one.all_target_ports ? json::value(nullptr) : json::value(one.relative_target_port);
        entry["holder"] = one.holds.has_value();
        all.emplace_back(std::move(entry));
    }
    return out;
}

json::object to_json(const registration_report& report, const target& of) {
    json::object out;
    out["id"] = text(of.unit().identity());
    json::array& paths = out["paths"].emplace_array();
    for (std::size_t i = 0; i < report.paths.size(); ++i) {
        const path_report& path = report.paths[i];
        json::object entry;
        entry["path"] = path.path;
        entry["registered"] = path.registered;
        entry["proved"] = path.how != evidence::by_key;
        entry["problem"] = path.problem ? json::value(text(*path.problem)) : json::value(nullptr);
        paths.emplace_back(std::move(entry));
    }
    return out;
}

void print(const console& with, const json::object& what) {
    with.out << json::serialize(what) << '\n';
}

} // namespace sgpr::command_line
