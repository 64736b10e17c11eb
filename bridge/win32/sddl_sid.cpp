// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/sddl.hpp"
#include "bridge/win32/sddl_tables.hpp"
#include "bridge/win32/upcase.hpp"

#include <algorithm>
#include <cctype>

namespace bridge::win32 {
namespace {

/// What the number of an alias is appended to.
enum class root {
    world,
    creator,
    nt,
    builtin,
    app_package,
    label,
    authority,
    domain,
    forest,
    machine
};

struct alias {
    std::string_view name;
    root where;
    std::uint32_t id;
};

// MS-DTYP 2.4.2.4 and 2.5.1.1. UD has more than one number behind its root and is made below.
constexpr alias aliases[] = {
    {"WD", root::world, 0},     {"CO", root::creator, 0},   {"CG", root::creator, 1},
    {"OW", root::creator, 4},   {"NU", root::nt, 2},        {"IU", root::nt, 4},
    {"SU", root::nt, 6},        {"AN", root::nt, 7},        {"ED", root::nt, 9},
    {"PS", root::nt, 10},       {"AU", root::nt, 11},       {"RC", root::nt, 12},
    {"SY", root::nt, 18},       {"LS", root::nt, 19},       {"NS", root::nt, 20},
    {"WR", root::nt, 33},       {"UD", root::nt, 84},       {"BA", root::builtin, 544},
    {"BU", root::builtin, 545}, {"BG", root::builtin, 546}, {"PU", root::builtin, 547},
    {"AO", root::builtin, 548}, {"SO", root::builtin, 549}, {"PO", root::builtin, 550},
    {"BO", root::builtin, 551}, {"RE", root::builtin, 552}, {"RU", root::builtin, 554},
    {"RD", root::builtin, 555}, {"NO", root::builtin, 556}, {"MU", root::builtin, 558},
    {"LU", root::builtin, 559}, {"IS", root::builtin, 568}, {"CY", root::builtin, 569},
    {"ER", root::builtin, 573}, {"CD", root::builtin, 574}, {"RA", root::builtin, 575},
    {"ES", root::builtin, 576}, {"MS", root::builtin, 577}, {"HA", root::builtin, 578},
    {"AA", root::builtin, 579}, {"RM", root::builtin, 580}, {"AC", root::app_package, 1},
    {"LW", root::label, 4096},  {"ME", root::label, 8192},  {"MP", root::label, 8448},
    {"HI", root::label, 12288}, {"SI", root::label, 16384}, {"AS", root::authority, 1},
    {"SS", root::authority, 2}, {"LA", root::machine, 500}, {"LG", root::machine, 501},
    {"DA", root::domain, 512},  {"DU", root::domain, 513},  {"DG", root::domain, 514},
    {"DC", root::domain, 515},  {"DD", root::domain, 516},  {"CA", root::domain, 517},
    {"PA", root::domain, 520},  {"CN", root::domain, 522},  {"AP", root::domain, 525},
    {"KA", root::domain, 526},  {"RS", root::domain, 553},  {"RO", root::forest, 498},
    {"SA", root::forest, 518},  {"EA", root::forest, 519},  {"EK", root::forest, 527},
};

std::optional<sid> root_of(root where, const sddl_domains& domains) {
    switch (where) {
    case root::world:
        return sid{1, {}};
    case root::creator:
        return sid{3, {}};
    case root::nt:
        return sid{5, {}};
    case root::builtin:
        return sid{5, {32}};
    case root::app_package:
        return sid{15, {2}};
    case root::label:
        return sid{16, {}};
    case root::authority:
        return sid{18, {}};
    case root::domain:
        return domains.domain;
    case root::forest:
        return domains.forest_root;
    case root::machine:
        return domains.machine ? domains.machine : domains.domain;
    }
    return std::nullopt;
}

std::optional<sid> resolve(const alias& entry, const sddl_domains& domains) {
    auto value = root_of(entry.where, domains);
    if (!value || value->sub_authorities.size() == sid::max_sub_authorities) {
        return std::nullopt;
    }
    value->sub_authorities.push_back(entry.id);
    if (entry.name == "UD") { // user-mode drivers: S-1-5-84-0-0-0-0-0
        value->sub_authorities.insert(value->sub_authorities.end(), 5, 0);
    }
    return value;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Length of the SID text in front: the letter after a SID may be a hexadecimal digit ("D:").
std::size_t sid_length(std::string_view text) {
    if (!sddl_detail::same_letters(text.substr(0, 4), "S-1-")) {
        return 0;
    }
    std::size_t at = 4;
    if (sddl_detail::same_letters(text.substr(at, 2), "0x")) {
        at += 2;
        while (at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0) {
            ++at;
        }
    }
    while (at < text.size() && (is_digit(text[at]) || text[at] == '-')) {
        ++at;
    }
    return at;
}

} // namespace

namespace sddl_detail {

bool same_letters(std::string_view left, std::string_view right) {
    return equal_names(left, right);
}

std::optional<sid> take_sid(std::string_view& text, const sddl_domains& domains) {
    if (const auto length = sid_length(text); length != 0) {
        auto value = parse_sid(text.substr(0, length));
        text.remove_prefix(length);
        return value;
    }
    const auto name = text.substr(0, 2);
    const auto* found =
        std::find_if(std::begin(aliases), std::end(aliases),
                     [name](const alias& entry) { return same_letters(entry.name, name); });
    if (found == std::end(aliases)) {
        return std::nullopt;
    }
    text.remove_prefix(2);
    return resolve(*found, domains);
}

std::string sid_text(const sid& value, const sddl_domains& domains) {
    for (const auto& entry : aliases) {
        if (resolve(entry, domains) == value) {
            return std::string(entry.name);
        }
    }
    return to_string(value);
}

} // namespace sddl_detail

std::optional<sid> parse_sddl_sid(std::string_view text, const sddl_domains& domains) {
    auto value = sddl_detail::take_sid(text, domains);
    return text.empty() ? value : std::nullopt;
}

} // namespace bridge::win32
