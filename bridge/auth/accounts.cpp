// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/accounts.hpp"

#include "bridge/win32/sid.hpp"
#include "bridge/win32/upcase.hpp"
#include "bridge/win32/utf16.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace bridge::auth {

namespace {

constexpr std::size_t field_count = 5;
constexpr std::size_t max_groups = 64;
constexpr std::string_view no_hash = "-";

std::vector<std::string_view> split(std::string_view text, char by) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0;;) {
        const std::size_t end = text.find(by, at);
        out.push_back(text.substr(at, end == std::string_view::npos ? end : end - at));
        if (end == std::string_view::npos)
            return out;
        at = end + 1;
    }
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

std::optional<key16> parse_hash(std::string_view text) {
    if (text.size() != 2 * key16::length)
        return std::nullopt;
    key16 out;
    for (std::size_t i = 0; i < key16::length; ++i) {
        const int high = hex_digit(text[2 * i]);
        const int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        out.data()[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return out;
}

void append_hash(std::string& out, const key16& hash) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t i = 0; i < key16::length; ++i) {
        out.push_back(digits[hash.data()[i] >> 4]);
        out.push_back(digits[hash.data()[i] & 15]);
    }
}

std::optional<std::uint32_t> parse_rid(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < account_list::first_rid)
        return std::nullopt;
    return value;
}

/// A name must survive as a field of a line.
bool is_plain(std::string_view text) {
    const auto breaks_line = [](char c) {
        return c == ':' || static_cast<unsigned char>(c) < 0x20;
    };
    return !text.empty() && text.size() <= 256 && std::ranges::none_of(text, breaks_line) &&
           win32::strict_utf16(text).has_value();
}

bool is_group(std::string_view text) {
    constexpr std::string_view unix_prefix = "unix=";
    if (text == "admin" || text == "read" || text == "backup")
        return true;
    if (text.starts_with(unix_prefix))
        return is_plain(text.substr(unix_prefix.size())) && text.find(',') == text.npos;
    return win32::parse_sid(text).has_value();
}

std::optional<accounts_error> check(const account_entry& entry) {
    if (!is_plain(entry.user) || entry.user.front() == '#' || entry.user.size() > 104)
        return accounts_error{"the user name is empty, too long or has a forbidden character"};
    if (!is_plain(entry.domain) || entry.domain == "@")
        return accounts_error{"the domain is empty or has a forbidden character"};
    if (is_principal(entry) == entry.hash.has_value())
        return accounts_error{"an account has an NT hash, a principal has '-' instead"};
    if (!entry.sid.empty() && !parse_rid(entry.sid) && !win32::parse_sid(entry.sid))
        return accounts_error{"the sid is neither empty, a number of 1000 or more, nor a SID"};
    if (entry.groups.size() > max_groups || !std::ranges::all_of(entry.groups, is_group))
        return accounts_error{"a group is none of admin, read, backup, unix=login or a SID"};
    return std::nullopt;
}

std::variant<account_entry, accounts_error> parse_entry(std::string_view line) {
    const auto fields = split(line, ':');
    if (fields.size() != field_count)
        return accounts_error{"not five fields"};
    account_entry out{std::string(fields[0]),
                      std::string(fields[1]),
                      parse_hash(fields[2]),
                      std::string(fields[3]),
                      {}};
    if (!out.hash && fields[2] != no_hash)
        return accounts_error{"the NT hash is not 32 hexadecimal digits"};
    if (!fields[4].empty())
        for (const auto group : split(fields[4], ','))
            out.groups.emplace_back(group);
    if (auto bad = check(out))
        return std::move(*bad);
    return out;
}

std::string line_of(const account_entry& entry) {
    std::string out = entry.user + ':' + entry.domain + ':';
    if (entry.hash)
        append_hash(out, *entry.hash);
    else
        out += no_hash;
    out += ':' + entry.sid + ':';
    for (std::size_t i = 0; i < entry.groups.size(); ++i)
        out += (i == 0 ? "" : ",") + entry.groups[i];
    return out;
}

/// Equal for names that mean the same account: principals as they are, others without case.
std::string key_of(std::string_view user, std::string_view domain) {
    const std::string names = std::string(user) + ':' + std::string(domain);
    if (domain.starts_with('@'))
        return names;
    return win32::fold(names);
}

bool is_same(const account_entry& entry, std::string_view user, std::string_view domain) {
    return key_of(entry.user, entry.domain) == key_of(user, domain);
}

} // namespace

bool is_principal(const account_entry& entry) {
    return entry.domain.starts_with('@');
}

std::vector<account_entry> account_list::entries() const {
    std::vector<account_entry> out;
    for (const row& each : rows_)
        if (each.entry)
            out.push_back(*each.entry);
    return out;
}

account_list::row* account_list::find_row(std::string_view user, std::string_view domain) {
    const auto found = std::ranges::find_if(
        rows_, [&](const row& each) { return each.entry && is_same(*each.entry, user, domain); });
    return found == rows_.end() ? nullptr : &*found;
}

const account_entry* account_list::find(std::string_view user, std::string_view domain) const {
    for (const row& each : rows_)
        if (each.entry && is_same(*each.entry, user, domain))
            return &*each.entry;
    return nullptr;
}

std::uint32_t account_list::next_rid() const {
    std::uint32_t next = first_rid;
    for (const row& each : rows_) {
        const auto rid = each.entry ? parse_rid(each.entry->sid) : std::nullopt;
        if (rid && *rid >= next && *rid < UINT32_MAX)
            next = *rid + 1;
    }
    return next;
}

std::optional<accounts_error> account_list::put(account_entry entry) {
    if (auto bad = check(entry))
        return bad;
    row* known = find_row(entry.user, entry.domain);
    if (entry.sid.empty())
        entry.sid = known != nullptr ? known->entry->sid : std::to_string(next_rid());
    if (known != nullptr)
        known->entry = std::move(entry);
    else
        rows_.push_back(row{std::move(entry), {}});
    return std::nullopt;
}

bool account_list::remove(std::string_view user, std::string_view domain) {
    const row* known = find_row(user, domain);
    if (known == nullptr)
        return false;
    rows_.erase(rows_.begin() + (known - rows_.data()));
    return true;
}

std::string account_list::text() const {
    std::string out;
    for (const row& each : rows_)
        out += (each.entry ? line_of(*each.entry) : each.text) + '\n';
    return out;
}

std::variant<account_list, accounts_error> account_list::parse(std::string_view text) {
    account_list out;
    std::set<std::string> known;
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto refuse = [&](const std::string& why) {
            return accounts_error{"line " + std::to_string(number) + ": " + why};
        };
        if (line.size() > max_line_size)
            return refuse("too long");
        if (line.empty() || line.front() == '#') {
            out.rows_.push_back(row{std::nullopt, std::string(line)});
            continue;
        }
        auto entry = parse_entry(line);
        if (const auto* bad = std::get_if<accounts_error>(&entry))
            return refuse(bad->text);
        auto& good = std::get<account_entry>(entry);
        if (!known.insert(key_of(good.user, good.domain)).second)
            return refuse("this user and domain were there before");
        out.rows_.push_back(row{std::move(good), {}});
    }
    return out;
}

} // namespace bridge::auth
