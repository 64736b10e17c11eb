// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What travels on a guard's socket, in the form of the daemon's control socket: one JSON object a
/// line, both ways.
///
///     {"id": 1, "command": "status"}
///     {"id": 1, "result": {...}}  or  {"id": 1, "error": {"code": "...", "text": "..."}}
namespace sgpr {

inline constexpr std::size_t max_guard_line = 4096; ///< bytes, with the end
inline constexpr std::size_t max_guard_id = 64;     ///< bytes, of an id that is a string

enum class guard_command : std::uint8_t {
    unknown,
    status,  ///< what the guard knows
    stop,    ///< end the defence and keep the reservation (maintenance)
    release, ///< give the disk up and end
};

struct guard_request {
    boost::json::value id; ///< null unless it is a number or a short string
    guard_command command = guard_command::unknown;
    std::string error; ///< for whoever sent it; empty when `command` is known
};

/// Reads one line, without its end, from anybody who may connect.
guard_request read_guard_request(std::string_view line);

/// One line with its end.
std::string guard_result(const boost::json::value& id, boost::json::object result);
std::string guard_error(const boost::json::value& id, std::string_view code, std::string_view text);

} // namespace sgpr
