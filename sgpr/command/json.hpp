// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/command/console.hpp"

#include <boost/json/object.hpp>

namespace sgpr::command_line {

// Fields that are not known are null; names and units are listed in docs/man/sgpr.8.

[[nodiscard]] boost::json::object to_json(const disk& one);
[[nodiscard]] boost::json::object to_json(const reservation_picture& picture);
[[nodiscard]] boost::json::object to_json(const registration_report& report, const target& of);

/// One line.
void print(const console& with, const boost::json::object& what);

} // namespace sgpr::command_line
