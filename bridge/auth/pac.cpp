// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/pac.hpp"

#include "bridge/auth/identity.hpp"
#include "bridge/auth/utf16_bytes.hpp"

#include <utility>

namespace bridge::auth {

namespace {

constexpr std::uint32_t group_enabled = 0x00000004;    // SE_GROUP_ENABLED
constexpr std::uint32_t group_deny_only = 0x00000010;  // SE_GROUP_USE_FOR_DENY_ONLY
constexpr std::uint32_t flag_extra_sids = 0x00000020;  // UserFlags bit D
constexpr std::uint32_t flag_resource_groups = 0x0200; // UserFlags bit H

/// Little-endian NDR. After the first value that does not fit everything reads as zero.
class reader {
public:
    explicit reader(bytes_view in) : in_(in) {}

    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }

    bytes_view bytes(std::size_t size) {
        const auto part = failed_ ? std::nullopt : slice(in_, at_, size);
        if (!part) {
            fail();
            return {};
        }
        at_ += size;
        return *part;
    }

    void skip(std::size_t size) { bytes(size); }
    void fail() { failed_ = true; }
    [[nodiscard]] bool failed() const { return failed_; }

private:
    std::uint64_t number(std::size_t size) {
        const std::size_t padding = (size - at_ % size) % size;
        skip(padding);
        const bytes_view part = bytes(size);
        return part.empty() ? 0 : load_le(part, 0, size);
    }

    bytes_view in_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

/// RPC_UNICODE_STRING without its text.
struct string_header {
    std::uint16_t length = 0;
    std::uint16_t maximum = 0;
    std::uint32_t pointer = 0;
};

struct member {
    std::uint32_t rid = 0;
    std::uint32_t attributes = 0;
};

struct list_header {
    std::uint32_t count = 0;
    std::uint32_t pointer = 0;
};

string_header read_string_header(reader& in) {
    string_header out;
    out.length = in.u16();
    out.maximum = in.u16();
    out.pointer = in.u32();
    return out;
}

std::u16string read_string(reader& in, const string_header& header) {
    if (header.pointer == 0)
        return {};
    const std::uint32_t maximum = in.u32();
    const std::uint32_t offset = in.u32();
    const std::uint32_t actual = in.u32();
    if (offset != 0 || actual > maximum || header.length > header.maximum ||
        actual != header.length / 2U || header.length % 2 != 0) {
        in.fail();
        return {};
    }
    return utf16_from_bytes(in.bytes(std::size_t{actual} * 2)).value_or(std::u16string{});
}

/// The conformance of an array of `header.count` elements; 0 when there is none.
std::uint32_t read_array_start(reader& in, const list_header& header) {
    if (header.pointer == 0) {
        if (header.count != 0)
            in.fail();
        return 0;
    }
    if (in.u32() != header.count || header.count > logon_information::max_groups)
        in.fail();
    return in.failed() ? 0 : header.count;
}

std::vector<member> read_members(reader& in, const list_header& header) {
    std::vector<member> out; // grows as bytes arrive, never by what the count announces
    const std::uint32_t count = read_array_start(in, header);
    for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
        member each;
        each.rid = in.u32();
        each.attributes = in.u32();
        out.push_back(each);
    }
    return out;
}

win32::sid read_sid(reader& in) {
    const std::uint32_t maximum = in.u32();
    const bytes_view head = in.bytes(8);
    win32::sid out;
    if (head.empty() || maximum > win32::sid::max_sub_authorities ||
        std::to_integer<unsigned>(head[0]) != 1 || std::to_integer<unsigned>(head[1]) != maximum) {
        in.fail();
        return out;
    }
    for (std::size_t i = 2; i < 8; ++i)
        out.authority = out.authority << 8 | std::to_integer<std::uint64_t>(head[i]);
    for (std::uint32_t i = 0; i < maximum; ++i)
        out.sub_authorities.push_back(in.u32());
    return out;
}

win32::sid read_sid_pointer(reader& in, std::uint32_t pointer) {
    return pointer == 0 ? win32::sid{} : read_sid(in);
}

struct extra_sid {
    std::uint32_t pointer = 0;
    std::uint32_t attributes = 0;
    win32::sid value;
};

std::vector<extra_sid> read_extra_sids(reader& in, const list_header& header) {
    std::vector<extra_sid> out;
    const std::uint32_t count = read_array_start(in, header);
    for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
        extra_sid each;
        each.pointer = in.u32();
        each.attributes = in.u32();
        out.push_back(each);
    }
    for (extra_sid& each : out)
        each.value = read_sid_pointer(in, each.pointer);
    return out;
}

/// The fixed part of KERB_VALIDATION_INFO, as far as it matters here.
struct fixed_part {
    string_header names[6]; ///< EffectiveName first
    std::uint32_t user_id = 0;
    std::uint32_t primary_group = 0;
    list_header groups;
    std::uint32_t user_flags = 0;
    string_header logon_server;
    string_header domain_name;
    std::uint32_t domain_sid = 0;
    list_header extra_sids;
    std::uint32_t resource_domain_sid = 0;
    list_header resource_groups;
};

fixed_part read_fixed_part(reader& in) {
    fixed_part out;
    in.skip(6 * 8); // LogonTime to PasswordMustChange
    for (string_header& each : out.names)
        each = read_string_header(in);
    in.skip(4); // LogonCount, BadPasswordCount
    out.user_id = in.u32();
    out.primary_group = in.u32();
    out.groups.count = in.u32();
    out.groups.pointer = in.u32();
    out.user_flags = in.u32();
    in.skip(16); // UserSessionKey
    out.logon_server = read_string_header(in);
    out.domain_name = read_string_header(in);
    out.domain_sid = in.u32();
    in.skip(8 + 8 + 16 + 8); // Reserved1 to Reserved3
    out.extra_sids.count = in.u32();
    out.extra_sids.pointer = in.u32();
    out.resource_domain_sid = in.u32();
    out.resource_groups.count = in.u32();
    out.resource_groups.pointer = in.u32();
    return out;
}

bool is_in_force(std::uint32_t attributes) {
    return (attributes & group_enabled) != 0 && (attributes & group_deny_only) == 0;
}

/// A domain controller may name accounts of domains (S-1-5-21) and asserted identities (S-1-18).
bool may_come_from_a_kdc(const win32::sid& value) {
    constexpr std::uint64_t nt_authority = 5;
    constexpr std::uint64_t authentication_authority = 18;
    constexpr std::uint32_t domain_accounts = 21;
    return value.authority == authentication_authority ||
           (value.authority == nt_authority && value.sub_authorities.size() >= 4 &&
            value.sub_authorities.front() == domain_accounts);
}

void add(std::vector<win32::sid>& out, const win32::sid& value) {
    if (may_come_from_a_kdc(value))
        add_sid(out, value);
}

void add_rid(std::vector<win32::sid>& out, const win32::sid& domain, std::uint32_t rid) {
    if (domain.sub_authorities.empty() ||
        domain.sub_authorities.size() >= win32::sid::max_sub_authorities)
        return;
    win32::sid value = domain;
    value.sub_authorities.push_back(rid);
    add(out, value);
}

void add_members(std::vector<win32::sid>& out, const win32::sid& domain,
                 const std::vector<member>& members) {
    for (const member& each : members)
        if (is_in_force(each.attributes))
            add_rid(out, domain, each.rid);
}

/// The serialization headers (MS-RPCE 2.2.6.1, 2.2.6.2) and the pointer to the structure.
bool read_preamble(reader& in) {
    constexpr std::uint16_t version_1_little_endian = 0x1001;
    constexpr std::uint16_t header_size = 8;
    const bool is_supported = in.u16() == version_1_little_endian && in.u16() == header_size;
    in.skip(4 + 8); // filler; length and filler of the private header
    const std::uint32_t pointer = in.u32();
    return is_supported && pointer != 0 && !in.failed();
}

} // namespace

std::optional<logon_information> parse_logon_information(bytes_view buffer) {
    if (buffer.size() > logon_information::max_size)
        return std::nullopt;
    reader in(buffer);
    if (!read_preamble(in))
        return std::nullopt;
    const fixed_part fixed = read_fixed_part(in);
    logon_information out;
    out.account = read_string(in, fixed.names[0]);
    for (std::size_t i = 1; i < std::size(fixed.names); ++i)
        read_string(in, fixed.names[i]);
    const auto groups = read_members(in, fixed.groups);
    read_string(in, fixed.logon_server);
    out.domain = read_string(in, fixed.domain_name);
    const win32::sid domain = read_sid_pointer(in, fixed.domain_sid);
    const auto extra = read_extra_sids(in, fixed.extra_sids);
    const win32::sid resource_domain = read_sid_pointer(in, fixed.resource_domain_sid);
    const auto resource_groups = read_members(in, fixed.resource_groups);
    if (in.failed())
        return std::nullopt;

    if (fixed.user_id != 0) // else the user is the first of the extra SIDs (MS-PAC 2.5)
        add_rid(out.sids, domain, fixed.user_id);
    if ((fixed.user_flags & flag_extra_sids) != 0 && fixed.user_id == 0 && !extra.empty())
        add(out.sids, extra.front().value);
    add_rid(out.sids, domain, fixed.primary_group);
    add_members(out.sids, domain, groups);
    if ((fixed.user_flags & flag_extra_sids) != 0)
        for (const extra_sid& each : extra)
            if (is_in_force(each.attributes))
                add(out.sids, each.value);
    if ((fixed.user_flags & flag_resource_groups) != 0)
        add_members(out.sids, resource_domain, resource_groups);
    return out;
}

} // namespace bridge::auth
