// SPDX-License-Identifier: Apache-2.0
// Private to sddl.cpp and sddl_sid.cpp.
#pragma once

#include "bridge/win32/sddl.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace bridge::win32::sddl_detail {

/// Takes the SID or alias in front of `text`; nullopt if there is none.
std::optional<sid> take_sid(std::string_view& text, const sddl_domains& domains);

/// The alias of a SID, or its plain text.
std::string sid_text(const sid& value, const sddl_domains& domains);

/// Case-insensitive for ASCII, as ABNF literals are (RFC 5234 2.3).
bool same_letters(std::string_view left, std::string_view right);

} // namespace bridge::win32::sddl_detail
