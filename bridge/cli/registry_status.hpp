// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>

#include <ostream>

namespace bridge::cli {

/// The daemon's answer to registry.status for people. What is missing in it is shown as "?".
void write_status(std::ostream& out, const boost::json::object& status);

} // namespace bridge::cli
