// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// What travels on the control socket: one JSON object a line, both ways.
///
///     {"id": 1, "command": "registry.status", ...arguments}
///     {"id": 1, "result": {...}}  or  {"id": 1, "error": {"code": "...", "text": "..."}}
namespace bridge::daemon {

inline constexpr std::size_t max_control_depth = 8;
inline constexpr std::size_t max_control_id = 64;      ///< bytes, of an id that is a string
inline constexpr std::size_t max_control_command = 64; ///< bytes

/// A line, read. `id` is null unless the request has a good one; `error` is empty for a request
/// that can be carried out.
struct control_request {
    boost::json::value id;
    std::string command;
    boost::json::object arguments; ///< everything, `id` and `command` too
    std::string error;             ///< for whoever sent it
};

/// Reads one line, without its end, from anybody who may connect.
control_request read_control_request(std::string_view line);

/// What a handler returns when it refuses: `code` is for programs and does not change, `text` for
/// people.
boost::json::object control_error(std::string_view code, std::string_view text);

/// The answer to a request as one line with its end. `outcome` is a handler's result or a
/// control_error().
std::string control_answer(const boost::json::value& id, boost::json::object outcome);

} // namespace bridge::daemon
