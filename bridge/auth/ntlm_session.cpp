// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/ntlm_session.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace bridge::auth::ntlm {

namespace {

constexpr std::size_t mac_size = 8;
constexpr std::uint32_t signature_version = 1;
/// The counter must not repeat under one key; nothing legitimate comes near.
constexpr std::uint32_t last_number = std::numeric_limits<std::uint32_t>::max();

std::array<std::byte, mac_size> message_mac(hmac_md5_ctx& mac, std::uint32_t number,
                                            bytes_view message) {
    std::array<std::uint8_t, 4> le{};
    for (std::size_t i = 0; i < le.size(); ++i)
        le[i] = static_cast<std::uint8_t>(number >> (8 * i));
    hmac_md5_update(&mac, le.size(), le.data());
    hmac_md5_update(&mac, message.size(), u8(message.data()));
    std::array<std::byte, mac_size> out{};
    hmac_md5_digest(&mac, mac_size, u8(out.data())); // also makes ready for the next message
    return out;
}

/// The parts of a PDU; nullopt when its lengths contradict each other.
struct parts {
    std::span<std::byte> signed_part; ///< header, body and trailer
    std::span<std::byte> body;
    std::span<std::byte> token;
};

std::optional<parts> split(const protected_pdu& message) {
    constexpr std::size_t behind = protected_pdu::trailer_size + session::token_length;
    const std::size_t size = message.pdu.size();
    if (size < behind || message.body_offset > size - behind ||
        message.body_length != size - behind - message.body_offset)
        return std::nullopt;
    const std::size_t plain = size - session::token_length;
    return parts{message.pdu.first(plain),
                 message.pdu.subspan(message.body_offset, message.body_length),
                 message.pdu.subspan(plain)};
}

} // namespace

session::session(const key16& exported_session_key, side ours) {
    start(out_, exported_session_key, ours == side::initiator);
    start(in_, exported_session_key, ours == side::acceptor);
}

session::~session() {
    for (direction* way : {&out_, &in_}) {
        wipe(&way->cipher, sizeof way->cipher);
        wipe(&way->mac, sizeof way->mac);
    }
}

void session::start(direction& way, const key16& key, bool client_to_server) {
    const key16 sign_key = derive_key(
        key, client_to_server ? "session key to client-to-server signing key magic constant"
                              : "session key to server-to-client signing key magic constant");
    way.seal_key = derive_key(
        key, client_to_server ? "session key to client-to-server sealing key magic constant"
                              : "session key to server-to-client sealing key magic constant");
    hmac_md5_set_key(&way.mac, key16::length, sign_key.data());
    arcfour_set_key(&way.cipher, key16::length, way.seal_key.data());
}

void session::write_token(direction& way, bytes_view signed_part, std::span<std::byte> body,
                          std::span<std::byte> token) {
    const auto mac = message_mac(way.mac, way.next, signed_part);
    arcfour_crypt(&way.cipher, body.size(), u8(body.data()), u8(body.data()));
    for (std::size_t i = 0; i < 4; ++i) {
        token[i] = static_cast<std::byte>(signature_version >> (8 * i));
        token[12 + i] = static_cast<std::byte>(way.next >> (8 * i));
    }
    arcfour_crypt(&way.cipher, mac_size, u8(token.data() + 4), u8(mac.data()));
    ++way.next;
}

bool session::check_token(bytes_view signed_part, bytes_view token) {
    if (in_.next == last_number || load_le(token, 0, 4) != signature_version ||
        load_le(token, 12, 4) != in_.next)
        return false;
    std::array<std::byte, mac_size> sent{};
    arcfour_crypt(&in_.cipher, mac_size, u8(sent.data()), u8(token.data() + 4));
    const auto expected = message_mac(in_.mac, in_.next, signed_part);
    ++in_.next;
    return equal_secret(sent, expected);
}

byte_string session::make_mic(bytes_view data) {
    byte_string token(token_length);
    write_token(out_, data, {}, token);
    arcfour_set_key(&out_.cipher, key16::length, out_.seal_key.data());
    return token;
}

bool session::verify_mic(bytes_view data, bytes_view mic) {
    if (mic.size() != token_length || !check_token(data, mic))
        return false;
    arcfour_set_key(&in_.cipher, key16::length, in_.seal_key.data());
    return true;
}

bool session::write(const protected_pdu& message) {
    const auto pdu = split(message);
    if (!pdu || out_.next == last_number)
        return false;
    const bool seal = message.level == protection_level::privacy;
    write_token(out_, pdu->signed_part, seal ? pdu->body : std::span<std::byte>{}, pdu->token);
    return true;
}

bool session::read(const protected_pdu& message) {
    const auto pdu = split(message);
    if (!pdu)
        return false;
    if (message.level == protection_level::privacy)
        arcfour_crypt(&in_.cipher, pdu->body.size(), u8(pdu->body.data()), u8(pdu->body.data()));
    return check_token(pdu->signed_part, pdu->token);
}

} // namespace bridge::auth::ntlm
