// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace sgpr::validate {

/// For element content and quoted attributes; bytes that are no UTF-8 become '?'.
[[nodiscard]] std::string escaped(std::string_view text);
/// The style sheet of a report.
[[nodiscard]] std::string_view report_style();

} // namespace sgpr::validate
