// SPDX-License-Identifier: Apache-2.0
#include "sgpr/mode.hpp"

#include "sgpr/commands.hpp"
#include "sgpr/path.hpp"
#include "sgpr/src/big_endian.hpp"
#include "sgpr/src/malformed.hpp"

#include <algorithm>

namespace sgpr {
namespace {

constexpr std::uint8_t caching_page = 0x08;
constexpr std::uint8_t all_pages = 0x3f;

/// Where a mode parameter header says that its parts are.
struct layout {
    std::size_t end = 0;     ///< of the mode data, at most what was received
    std::size_t pages = 0;   ///< where they begin
    std::uint8_t device = 0; ///< device-specific parameter
};

/// Pages one after the other (SPC-4 7.5.6); one that is cut off ends the walk: the rest was not
/// asked for.
void read_pages(byte_view pages, mode_data& into) {
    std::size_t at = 0;
    while (at + 2 <= pages.size()) {
        const bool has_subpage = (pages[at] & 0x40) != 0;
        const std::size_t size = has_subpage ? 4U + u16(pages, at + 2) : 2U + u8(pages, at + 1);
        if (size > pages.size() - at) {
            return;
        }
        if (!has_subpage && (pages[at] & 0x3f) == caching_page && size >= 3) {
            into.write_cache = (pages[at + 2] & 0x04) != 0;
            into.read_cache = (pages[at + 2] & 0x01) == 0;
        }
        at += size;
    }
}

result<mode_data> parse(byte_view raw, const layout& form) {
    if (form.pages > form.end) {
        return malformed();
    }
    mode_data mode{.write_protected = (form.device & 0x80) != 0,
                   .forced_access = (form.device & 0x10) != 0};
    read_pages(part(raw, form.pages, form.end - form.pages), mode);
    return mode;
}

result<mode_data> read_6(path& on, std::uint8_t page) {
    const auto got = on.execute(mode_sense_6_command(page, 252));
    return got ? parse_mode_6(*got) : got.error();
}

result<mode_data> read_10(path& on, std::uint8_t page) {
    const auto got = on.execute(mode_sense_10_command(page, 252));
    return got ? parse_mode_10(*got) : got.error();
}

bool page_refused(const result<mode_data>& got) {
    return !got && (got.error().code == errc::unsupported || got.error().code == errc::invalid);
}

} // namespace

result<mode_data> parse_mode_6(byte_view raw) {
    if (raw.size() < 4) {
        return malformed();
    }
    return parse(raw, {.end = std::min<std::size_t>(raw.size(), 1U + raw[0]),
                       .pages = 4U + raw[3],
                       .device = raw[2]});
}

result<mode_data> parse_mode_10(byte_view raw) {
    if (raw.size() < 8) {
        return malformed();
    }
    return parse(raw, {.end = std::min<std::size_t>(raw.size(), 2U + u16(raw, 0)),
                       .pages = 8U + u16(raw, 6),
                       .device = raw[3]});
}

result<mode_data> read_mode(path& on) {
    auto got = read_10(on, caching_page);
    if (page_refused(got)) {
        got = read_6(on, caching_page);
    }
    if (page_refused(got)) {
        got = read_10(on, all_pages);
    }
    if (page_refused(got)) {
        got = read_6(on, all_pages);
    }
    return got;
}

} // namespace sgpr
