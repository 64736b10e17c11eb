// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/sddl.hpp"

#include "bridge/win32/sddl_tables.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <span>
#include <utility>

namespace bridge::win32 {
namespace {

using sddl_detail::same_letters;
using sddl_detail::sid_text;
using sddl_detail::take_sid;

struct name_of_bits {
    std::string_view name;
    std::uint32_t bits;
};

// MS-DTYP 2.5.1.1, in the order in which they are written.
constexpr name_of_bits right_names[] = {
    {"GA", rights::generic_all},
    {"GR", rights::generic_read},
    {"GW", rights::generic_write},
    {"GX", rights::generic_execute},
    {"CC", 0x0001},
    {"DC", 0x0002},
    {"LC", 0x0004},
    {"SW", 0x0008},
    {"RP", 0x0010},
    {"WP", 0x0020},
    {"DT", 0x0040},
    {"LO", 0x0080},
    {"CR", 0x0100},
    {"SD", rights::delete_object},
    {"RC", rights::read_control},
    {"WD", rights::write_dac},
    {"WO", rights::write_owner},
};

// Sets of rights: each is written only for exactly these bits. KX is KR and never written.
constexpr name_of_bits right_sets[] = {
    {"FA", 0x001F'01FF},
    {"FR", 0x0012'0089},
    {"FW", 0x0012'0116},
    {"FX", 0x0012'00A0},
    {"KA", rights::key_all_access},
    {"KR", rights::key_read},
    {"KW", rights::key_write},
    {"KX", rights::key_execute},
};

// The mask of a mandatory label (MS-DTYP 2.4.4.13).
constexpr name_of_bits label_names[] = {{"NW", 1}, {"NR", 2}, {"NX", 4}};

constexpr name_of_bits flag_names[] = {
    {"OI", ace_flag::object_inherit}, {"CI", ace_flag::container_inherit},
    {"NP", ace_flag::no_propagate},   {"IO", ace_flag::inherit_only},
    {"ID", ace_flag::inherited},      {"SA", ace_flag::successful_access},
    {"FA", ace_flag::failed_access},
};

struct type_name {
    std::string_view name;
    ace_type type;
};

constexpr type_name type_names[] = {
    {"A", ace_type::access_allowed},         {"D", ace_type::access_denied},
    {"AU", ace_type::system_audit},          {"AL", ace_type::system_alarm},
    {"OA", ace_type::access_allowed_object}, {"OD", ace_type::access_denied_object},
    {"OU", ace_type::system_audit_object},   {"OL", ace_type::system_alarm_object},
    {"ML", ace_type::mandatory_label},       {"SP", ace_type::scoped_policy_id},
};

constexpr std::string_view unsupported_types[] = {"XA", "XD", "ZA", "XU", "RA"};

constexpr auto malformed = win32_error::ERROR_INVALID_SECURITY_DESCR;

/// The bits of a run of two-letter names; nullopt if one is unknown.
std::optional<std::uint32_t> read_names(std::string_view text,
                                        std::initializer_list<std::span<const name_of_bits>> in) {
    std::uint32_t bits = 0;
    for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(2, text.size()))) {
        const auto name = text.substr(0, 2);
        bool known = false;
        for (const auto table : in) {
            for (const auto& entry : table) {
                if (same_letters(entry.name, name)) {
                    bits |= entry.bits;
                    known = true;
                }
            }
        }
        if (!known) {
            return std::nullopt;
        }
    }
    return bits;
}

/// Hexadecimal, octal or decimal, as C writes them.
std::optional<std::uint32_t> read_number(std::string_view text) {
    int base = 10;
    if (same_letters(text.substr(0, 2), "0x")) {
        base = 16;
        text.remove_prefix(2);
    } else if (text.size() > 1 && text.front() == '0') {
        base = 8;
    }
    std::uint32_t value = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value, base);
    const bool all = parsed.ec == std::errc{} && parsed.ptr == end;
    return all ? std::optional(value) : std::nullopt;
}

std::optional<access_mask> read_rights(std::string_view text) {
    if (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        return read_number(text);
    }
    return read_names(text, {right_names, right_sets, label_names});
}

/// Splits off what is before the next `mark`; false if there is none.
bool take_until(std::string_view& text, char mark, std::string_view& part) {
    const auto at = text.find(mark);
    if (at == std::string_view::npos) {
        return false;
    }
    part = text.substr(0, at);
    text.remove_prefix(at + 1);
    return true;
}

bool read_object_types(std::string_view object, std::string_view inherited, ace& entry) {
    if (shape_of(entry.type) != ace_shape::object) {
        return object.empty() && inherited.empty();
    }
    if (!object.empty()) {
        entry.object_type = parse_guid(object);
        if (!entry.object_type) {
            return false;
        }
    }
    if (!inherited.empty()) {
        entry.inherited_object_type = parse_guid(inherited);
        return entry.inherited_object_type.has_value();
    }
    return true;
}

/// Reads one entry, from its bracket to the closing one.
result<ace> take_ace(std::string_view& text, const sddl_domains& domains) {
    std::string_view type;
    std::string_view flags;
    std::string_view mask;
    std::string_view object;
    std::string_view inherited;
    text.remove_prefix(1);
    if (!take_until(text, ';', type) || !take_until(text, ';', flags) ||
        !take_until(text, ';', mask) || !take_until(text, ';', object) ||
        !take_until(text, ';', inherited)) {
        return malformed;
    }
    const auto* known = std::find_if(std::begin(type_names), std::end(type_names),
                                     [type](const auto& n) { return same_letters(n.name, type); });
    if (known == std::end(type_names)) {
        const bool conditional =
            std::any_of(std::begin(unsupported_types), std::end(unsupported_types),
                        [type](std::string_view name) { return same_letters(name, type); });
        return conditional ? win32_error::ERROR_NOT_SUPPORTED : malformed;
    }
    ace entry;
    entry.type = known->type;
    const auto flag_bits = read_names(flags, {flag_names});
    const auto right_bits = read_rights(mask);
    if (!flag_bits || !right_bits || !read_object_types(object, inherited, entry)) {
        return malformed;
    }
    entry.flags = static_cast<std::uint8_t>(*flag_bits);
    entry.mask = *right_bits;
    auto trustee = take_sid(text, domains);
    if (!trustee || !text.starts_with(')')) {
        return malformed;
    }
    entry.trustee = std::move(*trustee);
    text.remove_prefix(1);
    return entry;
}

/// Control bits of one of the two lists.
struct list_bits {
    std::uint16_t present;
    std::uint16_t is_protected;
    std::uint16_t required;
    std::uint16_t inherited;
};
constexpr list_bits dacl_bits{sd_control::dacl_present, sd_control::dacl_protected,
                              sd_control::dacl_auto_inherit_required,
                              sd_control::dacl_auto_inherited};
constexpr list_bits sacl_bits{sd_control::sacl_present, sd_control::sacl_protected,
                              sd_control::sacl_auto_inherit_required,
                              sd_control::sacl_auto_inherited};
constexpr std::string_view null_list = "NO_ACCESS_CONTROL";

bool take_word(std::string_view& text, std::string_view word) {
    if (!same_letters(text.substr(0, word.size()), word)) {
        return false;
    }
    text.remove_prefix(word.size());
    return true;
}

/// Reads flags and entries of one list; success leaves `text` at the next part.
win32_error take_acl(std::string_view& text, const sddl_domains& domains, const list_bits& bits,
                     std::optional<acl>& list, std::uint16_t& control) {
    control |= bits.present;
    bool null = false;
    while (!text.empty() && text.front() != '(' && text.substr(1, 1) != ":") {
        if (take_word(text, null_list)) {
            null = true;
        } else if (take_word(text, "AR")) {
            control |= bits.required;
        } else if (take_word(text, "AI")) {
            control |= bits.inherited;
        } else if (take_word(text, "P")) {
            control |= bits.is_protected;
        } else {
            return malformed;
        }
    }
    acl entries;
    while (text.starts_with('(')) {
        auto entry = take_ace(text, domains);
        if (!entry) {
            return entry.error();
        }
        if (shape_of(entry->type) == ace_shape::object) {
            entries.revision = acl::object_revision;
        }
        entries.entries.push_back(std::move(*entry));
    }
    if (null) {
        return entries.entries.empty() ? win32_error::ERROR_SUCCESS : malformed;
    }
    list = std::move(entries);
    return win32_error::ERROR_SUCCESS;
}

/// One of the four parts.
win32_error take_part(std::string_view& text, const sddl_domains& domains, unsigned& seen,
                      security_descriptor& value) {
    constexpr std::string_view letters = "OGDS";
    const char letter = text.empty() ? '\0' : static_cast<char>(text.front() & ~0x20);
    const auto index = letters.find(letter);
    if (text.substr(1, 1) != ":" || index == std::string_view::npos || (seen >> index & 1U) != 0) {
        return malformed;
    }
    seen |= 1U << index;
    text.remove_prefix(2);
    if (index == 2) {
        return take_acl(text, domains, dacl_bits, value.dacl, value.control);
    }
    if (index == 3) {
        return take_acl(text, domains, sacl_bits, value.sacl, value.control);
    }
    auto& to = index == 0 ? value.owner : value.group;
    to = take_sid(text, domains);
    return to ? win32_error::ERROR_SUCCESS : malformed;
}

bool write_names(std::uint32_t bits, std::span<const name_of_bits> table, std::string& out) {
    std::string text;
    for (const auto& entry : table) {
        if ((bits & entry.bits) != 0) {
            text += entry.name;
            bits &= ~entry.bits;
        }
    }
    if (bits != 0) {
        return false;
    }
    out += text;
    return true;
}

void write_rights(const ace& entry, std::string& out) {
    const auto* set = std::find_if(std::begin(right_sets), std::end(right_sets),
                                   [&entry](const auto& s) { return s.bits == entry.mask; });
    const bool label = entry.type == ace_type::mandatory_label;
    if (!label && set != std::end(right_sets)) {
        out += set->name;
        return;
    }
    const auto names = label ? std::span<const name_of_bits>(label_names)
                             : std::span<const name_of_bits>(right_names);
    if (!write_names(entry.mask, names, out)) {
        std::array<char, 16> number{};
        std::snprintf(number.data(), number.size(), "0x%x", entry.mask);
        out += number.data();
    }
}

/// The grammar has no text for a SID without sub-authorities (MS-DTYP 2.4.2.1).
bool has_text(const sid& value) {
    return !value.sub_authorities.empty();
}

bool write_ace(const ace& entry, const sddl_domains& domains, std::string& out) {
    const auto* known = std::find_if(std::begin(type_names), std::end(type_names),
                                     [&entry](const auto& n) { return n.type == entry.type; });
    if (known == std::end(type_names) || !has_text(entry.trustee)) {
        return false;
    }
    out += '(';
    out += known->name;
    out += ';';
    if (!write_names(entry.flags, flag_names, out)) {
        return false;
    }
    out += ';';
    write_rights(entry, out);
    out += ';';
    out += entry.object_type ? to_string(*entry.object_type) : std::string{};
    out += ';';
    out += entry.inherited_object_type ? to_string(*entry.inherited_object_type) : std::string{};
    out += ';';
    out += sid_text(entry.trustee, domains);
    out += ')';
    return true;
}

bool write_acl(const std::optional<acl>& list, std::uint16_t control, const list_bits& bits,
               const sddl_domains& domains, std::string& out) {
    out += (control & bits.is_protected) != 0 ? "P" : "";
    out += (control & bits.required) != 0 ? "AR" : "";
    out += (control & bits.inherited) != 0 ? "AI" : "";
    if (!list) {
        out += null_list;
        return true;
    }
    return std::all_of(list->entries.begin(), list->entries.end(),
                       [&](const ace& entry) { return write_ace(entry, domains, out); });
}

} // namespace

result<security_descriptor> parse_sddl(std::string_view text, const sddl_domains& domains) {
    if (text.size() > max_sddl_size) {
        return malformed;
    }
    security_descriptor value;
    unsigned seen = 0;
    while (!text.empty()) {
        const auto outcome = take_part(text, domains, seen, value);
        if (outcome != win32_error::ERROR_SUCCESS) {
            return outcome;
        }
    }
    return value;
}

result<std::string> to_sddl(const security_descriptor& value, const sddl_domains& domains) {
    if ((value.owner && !has_text(*value.owner)) || (value.group && !has_text(*value.group))) {
        return win32_error::ERROR_NOT_SUPPORTED;
    }
    std::string text;
    if (value.owner) {
        text += "O:" + sid_text(*value.owner, domains);
    }
    if (value.group) {
        text += "G:" + sid_text(*value.group, domains);
    }
    if (value.dacl || (value.control & sd_control::dacl_present) != 0) {
        text += "D:";
        if (!write_acl(value.dacl, value.control, dacl_bits, domains, text)) {
            return win32_error::ERROR_NOT_SUPPORTED;
        }
    }
    if (value.sacl || (value.control & sd_control::sacl_present) != 0) {
        text += "S:";
        if (!write_acl(value.sacl, value.control, sacl_bits, domains, text)) {
            return win32_error::ERROR_NOT_SUPPORTED;
        }
    }
    return text;
}

} // namespace bridge::win32
