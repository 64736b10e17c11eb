// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/failure.hpp"

#include <cstdint>
#include <optional>

namespace sgpr {

class path;

/// What MODE SENSE says about a disk (SPC-4 7.5.4, SBC-3 6.4).
struct mode_data {
    bool write_protected = false;      ///< WP
    bool forced_access = false;        ///< DPOFUA: READ and WRITE know FUA
    std::optional<bool> write_cache{}; ///< caching page, WCE; nothing if the page was not sent
    std::optional<bool> read_cache{};  ///< caching page, RCD inverted
};

[[nodiscard]] result<mode_data> parse_mode_6(byte_view raw);
[[nodiscard]] result<mode_data> parse_mode_10(byte_view raw);

/// Caching page with (10), then (6), then all pages: devices differ in what they refuse.
[[nodiscard]] result<mode_data> read_mode(path& on);

} // namespace sgpr
