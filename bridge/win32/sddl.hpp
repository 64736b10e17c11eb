// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/result.hpp"
#include "bridge/win32/security_descriptor.hpp"
#include "bridge/win32/sid.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bridge::win32 {

/// Where aliases such as DA are rooted. An alias whose domain is absent is refused when read, and
/// written as a plain SID.
struct sddl_domains {
    std::optional<sid> domain;      ///< account domain: DA, DU, CA ...
    std::optional<sid> forest_root; ///< EA, SA, RO, EK
    std::optional<sid> machine;     ///< LA and LG; without it those of `domain`
};

/// Longer text is refused; no descriptor of legal size needs more.
inline constexpr std::size_t max_sddl_size = 256 * 1024;

/// Reads a descriptor in text form (MS-DTYP 2.5.1): parts in any order, each at most once, letters
/// in either case. ERROR_INVALID_SECURITY_DESCR for anything else. Conditional expressions and
/// resource attributes (ACE types XA, XD, ZA, XU, RA) are ERROR_NOT_SUPPORTED.
result<security_descriptor> parse_sddl(std::string_view text, const sddl_domains& domains = {});

/// Writes the text form, aliases and right names where they say exactly the same. The control bits
/// that SDDL has no letters for are lost. ERROR_NOT_SUPPORTED for entries that have no text form
/// here: those above, unknown types or flags, SIDs without sub-authorities.
result<std::string> to_sddl(const security_descriptor& value, const sddl_domains& domains = {});

/// The SID that a two-letter alias ("BA") or a SID text stands for; nullopt for anything else.
std::optional<sid> parse_sddl_sid(std::string_view text, const sddl_domains& domains = {});

} // namespace bridge::win32
