// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/validate/facts.hpp"

#include <boost/json/object.hpp>

namespace sgpr::validate {

[[nodiscard]] boost::json::object to_json(const node_facts& node);
[[nodiscard]] node_facts node_from(const boost::json::object& from);

} // namespace sgpr::validate
