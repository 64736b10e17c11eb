// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace bridge::win32 {

/// The capital of one UTF-16 unit by a fixed table, or the unit itself. Windows compares names of
/// objects and registry keys this way: unit by unit, no locale, no expansion, surrogates untouched.
/// The table is a constant of the format: keys folded by it are stored. How it was derived, and why
/// dotless i, long s and the micro sign stay as they are, is in upcase_table.pl.
char16_t upcase(char16_t unit);

/// Every unit's capital; the result is as long as `name`.
std::u16string fold(std::u16string_view name);

/// The same for UTF-8, as UTF-8: a key for maps. Ill-formed input folds as with U+FFFD in its
/// place.
std::string fold(std::string_view utf8);

/// True if both names have the same key; does not allocate while both are ASCII.
bool equal_names(std::string_view left, std::string_view right);
bool equal_names(std::u16string_view left, std::u16string_view right);

} // namespace bridge::win32
