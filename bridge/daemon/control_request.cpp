// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/control_request.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace bridge::daemon {

namespace json = boost::json;

namespace {

bool good_id(const json::value& id) {
    return id.is_null() || id.is_int64() || id.is_uint64() ||
           (id.is_string() && id.get_string().size() <= max_control_id);
}

} // namespace

control_request read_control_request(std::string_view line) {
    control_request out;
    json::parse_options options;
    options.max_depth = max_control_depth;
    boost::system::error_code error;
    json::value parsed = json::parse(line, error, {}, options);
    if (error) {
        out.error = "not JSON: " + error.message();
        return out;
    }
    if (!parsed.is_object()) {
        out.error = "not a JSON object";
        return out;
    }
    out.arguments = std::move(parsed.get_object());
    if (const json::value* id = out.arguments.if_contains("id")) {
        if (!good_id(*id)) {
            out.error = "the id must be a whole number or a short string";
            return out;
        }
        out.id = *id;
    }
    const json::value* command = out.arguments.if_contains("command");
    if (command == nullptr || !command->is_string() ||
        command->get_string().size() > max_control_command) {
        out.error = "no command";
        return out;
    }
    out.command = std::string(std::string_view(command->get_string()));
    return out;
}

json::object control_error(std::string_view code, std::string_view text) {
    json::object inner;
    inner["code"] = code;
    inner["text"] = text;
    json::object out;
    out["error"] = std::move(inner);
    return out;
}

std::string control_answer(const json::value& id, json::object outcome) {
    json::object out;
    out["id"] = id;
    if (json::value* error = outcome.if_contains("error"))
        out["error"] = std::move(*error);
    else
        out["result"] = std::move(outcome);
    return json::serialize(out) + "\n";
}

} // namespace bridge::daemon
