// SPDX-License-Identifier: Apache-2.0
#include "sgpr/guard_request.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace sgpr {

namespace json = boost::json;

namespace {

constexpr std::size_t max_depth = 4;

json::value usable_id(const json::object& request) {
    const json::value* id = request.if_contains("id");
    const bool usable =
        id != nullptr && (id->is_int64() || id->is_uint64() ||
                          (id->is_string() && id->get_string().size() <= max_guard_id));
    return usable ? *id : json::value();
}

guard_command command_of(std::string_view name) {
    if (name == "status")
        return guard_command::status;
    if (name == "stop")
        return guard_command::stop;
    return name == "release" ? guard_command::release : guard_command::unknown;
}

} // namespace

guard_request read_guard_request(std::string_view line) {
    guard_request request;
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = max_depth;
    const json::value read = json::parse(line, error, {}, options);
    if (error || !read.is_object()) {
        request.error = "the line is no JSON object";
        return request;
    }
    const json::object& object = read.get_object();
    request.id = usable_id(object);
    const json::value* command = object.if_contains("command");
    if (command != nullptr && command->is_string())
        request.command = command_of(command->get_string());
    if (request.command == guard_command::unknown)
        request.error = "the command is none of status, stop, release";
    return request;
}

std::string guard_result(const json::value& id, json::object result) {
    json::object answer;
    answer["id"] = id;
    answer["result"] = std::move(result);
    return json::serialize(answer) + "\n";
}

std::string guard_error(const json::value& id, std::string_view code, std::string_view text) {
    json::object answer;
    answer["id"] = id;
    answer["error"] = json::object{{"code", code}, {"text", text}};
    return json::serialize(answer) + "\n";
}

} // namespace sgpr
