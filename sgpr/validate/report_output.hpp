// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/validate/report.hpp"

#include <string>

namespace sgpr::validate {

/// docs/validation.md describes it.
[[nodiscard]] std::string report_json(const report& what);
/// One page without anything from elsewhere: light, dark, and for paper.
[[nodiscard]] std::string report_html(const report& what);

} // namespace sgpr::validate
