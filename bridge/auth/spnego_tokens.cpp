// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/spnego_tokens.hpp"

#include "bridge/auth/der.hpp"

#include <algorithm>
#include <array>

namespace bridge::auth::spnego {

namespace {

template <std::size_t N>
constexpr std::array<std::byte, N> bytes_of(const std::uint8_t (&values)[N]) {
    std::array<std::byte, N> out{};
    for (std::size_t i = 0; i < N; ++i)
        out[i] = static_cast<std::byte>(values[i]);
    return out;
}

constexpr auto spnego_bytes = bytes_of({0x2b, 0x06, 0x01, 0x05, 0x05, 0x02});
constexpr auto kerberos_bytes = bytes_of({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02});
constexpr auto kerberos_microsoft_bytes =
    bytes_of({0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02});
constexpr auto ntlm_bytes = bytes_of({0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a});

constexpr std::uint8_t field(unsigned number) {
    return static_cast<std::uint8_t>(der::context_0 + number);
}

/// Takes the optional field [number] whose content is one element of `type`. False: malformed.
bool take_field(bytes_view& in, unsigned number, std::uint8_t type,
                std::optional<bytes_view>& out) {
    if (!der::next_is(in, field(number)))
        return true;
    const auto wrapper = der::take(in);
    out = wrapper ? der::only(wrapper->content, type) : std::nullopt;
    return out.has_value();
}

/// Takes the optional field [number] whatever it holds. False: malformed.
bool skip_field(bytes_view& in, unsigned number) {
    return !der::next_is(in, field(number)) || der::take(in).has_value();
}

/// The mechanism list out of field [0].
bool take_mechanisms(bytes_view& in, init_token& out) {
    const auto wrapper = der::take(in, field(0));
    if (!wrapper)
        return false;
    out.mechanism_list = wrapper->content;
    auto list = der::only(wrapper->content, der::sequence);
    if (!list)
        return false;
    while (!list->empty()) {
        const auto oid = der::take(*list, der::object_identifier);
        if (!oid || oid->content.empty() || out.mechanisms.size() == max_mechanisms)
            return false;
        out.mechanisms.push_back(oid->content);
    }
    return !out.mechanisms.empty();
}

void append_field(byte_string& out, unsigned number, std::uint8_t type,
                  const std::optional<bytes_view>& content) {
    if (content)
        append(out, der::wrap(field(number), der::wrap(type, *content)));
}

} // namespace

bytes_view oid_spnego() {
    return spnego_bytes;
}
bytes_view oid_kerberos() {
    return kerberos_bytes;
}
bytes_view oid_kerberos_microsoft() {
    return kerberos_microsoft_bytes;
}
bytes_view oid_ntlm() {
    return ntlm_bytes;
}

bool same_oid(bytes_view a, bytes_view b) {
    return std::ranges::equal(a, b);
}

std::optional<init_token> parse_init(bytes_view token) {
    if (token.size() > max_token_size)
        return std::nullopt;
    auto framed = der::only(token, der::application_0);
    if (!framed)
        return std::nullopt;
    const auto oid = der::take(*framed, der::object_identifier);
    if (!oid || !same_oid(oid->content, oid_spnego()))
        return std::nullopt;
    const auto choice = der::only(*framed, field(0));
    auto fields = choice ? der::only(*choice, der::sequence) : std::nullopt;
    init_token out;
    if (!fields || !take_mechanisms(*fields, out) || !skip_field(*fields, 1) ||
        !take_field(*fields, 2, der::octet_string, out.token) ||
        !take_field(*fields, 3, der::octet_string, out.mic) || !fields->empty())
        return std::nullopt;
    return out;
}

std::optional<response_token> parse_response(bytes_view token) {
    if (token.size() > max_token_size)
        return std::nullopt;
    const auto choice = der::only(token, field(1));
    auto fields = choice ? der::only(*choice, der::sequence) : std::nullopt;
    std::optional<bytes_view> state;
    response_token out;
    if (!fields || !take_field(*fields, 0, der::enumerated, state) ||
        !take_field(*fields, 1, der::object_identifier, out.mechanism) ||
        !take_field(*fields, 2, der::octet_string, out.token) ||
        !take_field(*fields, 3, der::octet_string, out.mic) || !fields->empty())
        return std::nullopt;
    if (state) {
        if (state->size() != 1 || std::to_integer<unsigned>((*state)[0]) > 3)
            return std::nullopt;
        out.state = static_cast<negotiation_state>(std::to_integer<std::uint8_t>((*state)[0]));
    }
    return out;
}

byte_string encode_response(const response_token& response) {
    byte_string fields;
    if (response.state) {
        const std::array<std::byte, 1> value{static_cast<std::byte>(*response.state)};
        append_field(fields, 0, der::enumerated, bytes_view(value));
    }
    append_field(fields, 1, der::object_identifier, response.mechanism);
    append_field(fields, 2, der::octet_string, response.token);
    append_field(fields, 3, der::octet_string, response.mic);
    return der::wrap(field(1), der::wrap(der::sequence, fields));
}

byte_string encode_mechanism_list(std::span<const bytes_view> mechanisms) {
    byte_string oids;
    for (const bytes_view each : mechanisms)
        append(oids, der::wrap(der::object_identifier, each));
    return der::wrap(der::sequence, oids);
}

byte_string encode_init(bytes_view mechanism_list, bytes_view token) {
    byte_string fields = der::wrap(field(0), mechanism_list);
    if (!token.empty())
        append_field(fields, 2, der::octet_string, token);
    byte_string framed = der::wrap(der::object_identifier, oid_spnego());
    append(framed, der::wrap(field(0), der::wrap(der::sequence, fields)));
    return der::wrap(der::application_0, framed);
}

bytes_view without_framing(bytes_view token) {
    auto framed = der::only(token, der::application_0);
    if (!framed)
        return token;
    const auto oid = der::take(*framed, der::object_identifier);
    constexpr std::size_t token_id_size = 2;
    const bool is_kerberos = oid && (same_oid(oid->content, oid_kerberos()) ||
                                     same_oid(oid->content, oid_kerberos_microsoft()));
    return is_kerberos && framed->size() > token_id_size ? framed->subspan(token_id_size) : token;
}

} // namespace bridge::auth::spnego
