// SPDX-License-Identifier: Apache-2.0
#include "sgpr/transport_id.hpp"

#include "sgpr/src/big_endian.hpp"
#include "sgpr/src/malformed.hpp"

#include <algorithm>
#include <string_view>

namespace sgpr {
namespace {

constexpr std::size_t fixed_size = 24;
constexpr std::uint8_t iscsi_with_session = 1;
constexpr std::string_view session_separator = ",i,0x";

/// Where the address of a protocol with a fixed TransportID lies (SPC-4 7.6.4.2 to 7.6.4.8).
struct place {
    std::size_t at = 1;
    std::size_t size = fixed_size - 1;
};

place address_of(protocol kind) {
    switch (kind) {
    case protocol::fibre_channel:
    case protocol::ieee_1394:
        return {8, 8};
    case protocol::srp:
        return {8, 16};
    case protocol::sas:
        return {4, 8};
    default:
        return {};
    }
}

std::string lower(std::string_view name) {
    std::string all(name);
    std::transform(all.begin(), all.end(), all.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return all;
}

std::optional<std::uint8_t> hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<std::uint8_t>(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return static_cast<std::uint8_t>(c - 'a' + 10);
    }
    return std::nullopt;
}

std::optional<initiator_session> parse_session(std::string_view digits) {
    initiator_session session{};
    if (digits.size() != 2 * session.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const auto digit = hex_digit(digits[i]);
        if (!digit) {
            return std::nullopt;
        }
        session[i / 2] = static_cast<std::uint8_t>(session[i / 2] << 4 | *digit);
    }
    return session;
}

/// Name, and with format 01b separator and ISID, in zero-terminated ASCII or UTF-8 (SPC-4 7.6.4.6).
result<parsed_transport_id> parse_iscsi(byte_view raw, bool with_session) {
    const std::size_t size = 4U + u16(raw, 2);
    if (size > raw.size() || size > 4 + max_iscsi_name + session_separator.size() + 12 + 4) {
        return malformed();
    }
    const auto field = part(raw, 4, size - 4);
    const auto end = std::find(field.begin(), field.end(), 0);
    if (end == field.end() || end == field.begin()) {
        return malformed();
    }
    std::string whole;
    for (auto at = field.begin(); at != end; ++at) {
        whole += static_cast<char>(*at);
    }
    whole = lower(whole);
    parsed_transport_id parsed{{.kind = protocol::iscsi}, size};
    if (with_session) {
        const auto split = whole.rfind(session_separator);
        if (split == std::string::npos) {
            return malformed();
        }
        parsed.id.session =
            parse_session(std::string_view(whole).substr(split + session_separator.size()));
        if (!parsed.id.session) {
            return malformed();
        }
        whole.resize(split);
    }
    if (whole.empty() || whole.size() > max_iscsi_name) {
        return malformed();
    }
    parsed.id.iscsi_name = std::move(whole);
    return parsed;
}

bytes encode_iscsi(const transport_id& id) {
    auto whole = lower(id.iscsi_name).substr(0, max_iscsi_name);
    if (id.session) {
        whole += std::string(session_separator) + hex(*id.session);
    }
    bytes field(whole.begin(), whole.end());
    // Zero-terminated, a multiple of 4, and at least 20 bytes (SPC-4 7.6.4.6).
    field.resize(std::max<std::size_t>(20, (field.size() / 4 + 1) * 4));
    bytes raw{static_cast<std::uint8_t>((id.session ? iscsi_with_session << 6 : 0) | 5), 0};
    append(raw, field.size(), 2);
    raw.insert(raw.end(), field.begin(), field.end());
    return raw;
}

transport_id of_address(protocol kind, std::uint64_t address) {
    transport_id id{.kind = kind};
    append(id.address, address, 8);
    return id;
}

std::string_view protocol_name(protocol kind) {
    switch (kind) {
    case protocol::fibre_channel:
        return "fc";
    case protocol::parallel_scsi:
        return "spi";
    case protocol::ieee_1394:
        return "sbp";
    case protocol::srp:
        return "srp";
    case protocol::sas:
        return "sas";
    case protocol::sop:
        return "sop";
    default:
        return "protocol";
    }
}

} // namespace

result<parsed_transport_id> parse_transport_id(byte_view raw) {
    if (raw.size() < fixed_size) {
        return malformed();
    }
    const auto kind = protocol{static_cast<std::uint8_t>(raw[0] & 0xf)};
    const auto format = raw[0] >> 6;
    if (kind == protocol::iscsi) {
        if (format > iscsi_with_session) {
            return malformed();
        }
        return parse_iscsi(raw, format == iscsi_with_session);
    }
    const auto [at, size] = address_of(kind);
    const auto field = part(raw, at, size);
    return parsed_transport_id{{.kind = kind, .address = bytes(field.begin(), field.end())},
                               fixed_size};
}

bytes encode_transport_id(const transport_id& id) {
    if (id.kind == protocol::iscsi) {
        return encode_iscsi(id);
    }
    bytes raw(fixed_size);
    raw[0] = static_cast<std::uint8_t>(static_cast<unsigned>(id.kind) & 0xf);
    const auto [at, size] = address_of(id.kind);
    std::copy_n(id.address.begin(), std::min(size, id.address.size()),
                raw.begin() + static_cast<std::ptrdiff_t>(at));
    return raw;
}

transport_id sas_transport_id(std::uint64_t address) {
    return of_address(protocol::sas, address);
}

transport_id fibre_channel_transport_id(std::uint64_t port_name) {
    return of_address(protocol::fibre_channel, port_name);
}

transport_id iscsi_transport_id(std::string name, initiator_session session) {
    return {.kind = protocol::iscsi, .iscsi_name = lower(name), .session = session};
}

std::string text(const transport_id& id) {
    if (id.kind == protocol::iscsi) {
        auto line = id.iscsi_name;
        // The initiator chose it.
        std::replace_if(
            line.begin(), line.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
        return line + (id.session ? std::string(session_separator) + hex(*id.session) : "");
    }
    const auto name = protocol_name(id.kind);
    std::string line(name);
    if (name == "protocol") {
        line += ' ' + std::to_string(static_cast<int>(id.kind));
    }
    return line + ' ' + hex(id.address);
}

} // namespace sgpr
