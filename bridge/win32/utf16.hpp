// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bridge::win32 {

/// UTF-8 to UTF-16. Ill-formed input never fails: each maximal part of a sequence that cannot be
/// completed becomes one U+FFFD (Unicode 3.9, table 3-8); overlong forms and surrogates are
/// ill-formed.
std::u16string to_utf16(std::string_view utf8);

/// UTF-16 to UTF-8; an unpaired surrogate becomes U+FFFD.
std::string to_utf8(std::u16string_view utf16);

/// The same, but nullopt for ill-formed input.
std::optional<std::u16string> strict_utf16(std::string_view utf8);
std::optional<std::string> strict_utf8(std::u16string_view utf16);

} // namespace bridge::win32
