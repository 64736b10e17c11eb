// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/wire.hpp"

#include "sgpr/validate/facts_json.hpp"
#include "sgpr/validate/json_read.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace sgpr::validate {
namespace {

namespace json = boost::json;

json::object to_json(const problem& is) {
    return {{"code", static_cast<int>(is.code)},
            {"sense_key", static_cast<int>(is.sense.key)},
            {"asc", is.sense.code},
            {"ascq", is.sense.qualifier},
            {"errno", is.os_error},
            {"detail", is.detail}};
}

problem problem_from(const json::object& from) {
    problem is;
    is.code = static_cast<errc>(number_at(from, "code", errc_count - 1));
    is.sense.key = static_cast<sense_key>(number_at(from, "sense_key", 15));
    is.sense.code = static_cast<std::uint8_t>(number_at(from, "asc", 255));
    is.sense.qualifier = static_cast<std::uint8_t>(number_at(from, "ascq", 255));
    is.os_error = static_cast<int>(number_at(from, "errno", 4095));
    is.detail = text_at(from, "detail");
    return is;
}

std::optional<problem> problem_at(const json::object& from, std::string_view name) {
    const auto* found = from.if_contains(name);
    if (found == nullptr || !found->is_object()) {
        return std::nullopt;
    }
    return problem_from(found->get_object());
}

json::object to_json(const reservation_capabilities& is) {
    return {{"crh", is.replaces_reserve_release},
            {"sip", is.specify_initiators},
            {"atp", is.all_target_ports},
            {"ptpl", is.persists},
            {"ptpl_active", is.persistence_active},
            {"types_told", is.types_told},
            {"types", is.types}};
}

reservation_capabilities capabilities_from(const json::object& from) {
    return {flag_at(from, "crh"),
            flag_at(from, "sip"),
            flag_at(from, "atp"),
            flag_at(from, "ptpl"),
            flag_at(from, "ptpl_active"),
            flag_at(from, "types_told"),
            static_cast<std::uint16_t>(number_at(from, "types", 0xffff))};
}

json::object to_json(const reservation_picture& is) {
    json::array keys;
    for (const auto one : is.keys) {
        keys.emplace_back(one.value());
    }
    json::object made{{"generation", is.generation}, {"keys", std::move(keys)}};
    if (is.held) {
        made["holder"] = is.held->holder.value();
        made["type"] = static_cast<int>(is.held->type);
    }
    if (is.registrations) {
        json::array all;
        for (const auto& one : *is.registrations) {
            all.emplace_back(
                json::object{{"key", one.registered.value()},
                             {"transport_id", hex_text(encode_transport_id(one.initiator))},
                             {"all_ports", one.all_target_ports},
                             {"port", one.relative_target_port},
                             {"holds", one.holds ? static_cast<int>(*one.holds) : 0}});
        }
        made["registrations"] = std::move(all);
    }
    return made;
}

registration registration_from(const json::object& from) {
    registration is{.registered = key(number_at(from, "key"))};
    if (const auto id = parse_transport_id(bytes_at(from, "transport_id", 512))) {
        is.initiator = id->id;
    }
    is.all_target_ports = flag_at(from, "all_ports");
    is.relative_target_port = static_cast<std::uint16_t>(number_at(from, "port", 0xffff));
    if (const auto type = number_at(from, "holds", 15); type != 0) {
        is.holds = static_cast<reservation_type>(type);
    }
    return is;
}

reservation_picture picture_from(const json::object& from) {
    reservation_picture is;
    is.generation = static_cast<std::uint32_t>(number_at(from, "generation", 0xffffffffU));
    each_at(from, "keys", max_registrations, [&](const json::value& one) {
        json::object wrapped{{"key", one}};
        is.keys.emplace_back(number_at(wrapped, "key"));
    });
    if (const auto type = number_at(from, "type", 15); type != 0) {
        is.held = reservation{key(number_at(from, "holder")), static_cast<reservation_type>(type)};
    }
    if (from.if_contains("registrations") != nullptr) {
        is.registrations.emplace();
        each_object_at(from, "registrations", max_registrations, [&](const auto& one) {
            is.registrations->push_back(registration_from(one));
        });
    }
    return is;
}

json::object to_json(const path_state& is) {
    json::object made{
        {"device", is.device}, {"registered", is.registered}, {"by_nexus", is.by_nexus}};
    if (is.failed) {
        made["failed"] = to_json(*is.failed);
    }
    return made;
}

void encode_lists(const answer& what, json::object& made) {
    json::array paths;
    for (const auto& one : what.paths) {
        paths.emplace_back(to_json(one));
    }
    json::array attentions;
    for (const auto& one : what.attentions) {
        attentions.emplace_back(one);
    }
    json::array numbers;
    for (const auto one : what.numbers) {
        numbers.emplace_back(one);
    }
    made["paths"] = std::move(paths);
    made["attentions"] = std::move(attentions);
    made["numbers"] = std::move(numbers);
}

void decode_lists(const json::object& from, answer& got) {
    each_object_at(from, "paths", max_paths_listed, [&](const auto& one) {
        got.paths.push_back({text_at(one, "device"), flag_at(one, "registered"),
                             flag_at(one, "by_nexus"), problem_at(one, "failed")});
    });
    each_at(from, "attentions", 1024,
            [&](const auto& one) { got.attentions.push_back(text_of(one)); });
    each_at(from, "numbers", max_volumes, [&](const json::value& one) {
        json::object wrapped{{"n", one}};
        got.numbers.push_back(number_at(wrapped, "n"));
    });
}

} // namespace

std::string encode(const request& what) {
    const json::object made{{"verb", text(what.what)},     {"disk", what.disk},
                            {"path", what.path},           {"own", what.own.value()},
                            {"other", what.other.value()}, {"type", static_cast<int>(what.type)},
                            {"persist", what.persist},     {"page", what.page},
                            {"index", what.index},         {"file", what.file},
                            {"data", hex_text(what.data)}};
    return json::serialize(made) + "\n";
}

std::string encode(const answer& what) {
    json::object made{{"duration_us", what.duration_us},
                      {"data", hex_text(what.data)},
                      {"ownership", static_cast<int>(what.ownership)},
                      {"again_ms", what.again_ms},
                      {"text", what.text}};
    if (what.failed) {
        made["failed"] = to_json(*what.failed);
    }
    if (what.facts) {
        made["facts"] = to_json(*what.facts);
    }
    if (what.capabilities) {
        made["capabilities"] = to_json(*what.capabilities);
    }
    if (what.picture) {
        made["picture"] = to_json(*what.picture);
    }
    encode_lists(what, made);
    return json::serialize(made) + "\n";
}

std::optional<request> decode_request(std::string_view line) {
    const auto from = parse_object(line, max_request_line);
    const auto what = from ? verb_of(text_at(*from, "verb")) : std::nullopt;
    if (!what) {
        return std::nullopt;
    }
    request made{.what = *what};
    made.disk = text_at(*from, "disk");
    made.path = static_cast<std::uint32_t>(number_at(*from, "path", 0xffff));
    made.own = key(number_at(*from, "own"));
    made.other = key(number_at(*from, "other"));
    made.type = static_cast<reservation_type>(number_at(*from, "type", 15));
    made.persist = flag_at(*from, "persist");
    made.page = static_cast<std::uint8_t>(number_at(*from, "page", 255));
    made.index = static_cast<std::uint32_t>(number_at(*from, "index", 0xffff));
    made.file = text_at(*from, "file");
    made.data = bytes_at(*from, "data", max_file_bytes);
    return made;
}

std::optional<answer> decode_answer(std::string_view line) {
    const auto from = parse_object(line, max_answer_line);
    if (!from) {
        return std::nullopt;
    }
    answer got;
    got.failed = problem_at(*from, "failed");
    got.duration_us = number_at(*from, "duration_us");
    got.data = bytes_at(*from, "data", max_file_bytes);
    got.ownership = static_cast<ownership_state>(number_at(*from, "ownership", 5));
    got.again_ms = static_cast<std::uint32_t>(number_at(*from, "again_ms", 10'000));
    got.text = text_at(*from, "text");
    if (const auto* facts = from->if_contains("facts"); facts != nullptr && facts->is_object()) {
        got.facts = node_from(facts->get_object());
    }
    if (const auto* is = from->if_contains("capabilities"); is != nullptr && is->is_object()) {
        got.capabilities = capabilities_from(is->get_object());
    }
    if (const auto* is = from->if_contains("picture"); is != nullptr && is->is_object()) {
        got.picture = picture_from(is->get_object());
    }
    decode_lists(*from, got);
    return got;
}

} // namespace sgpr::validate
