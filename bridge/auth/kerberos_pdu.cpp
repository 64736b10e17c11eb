// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/kerberos_pdu.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace bridge::auth::kerberos {

namespace {

constexpr int encrypted = 1;

/// Offset of the token; nullopt when the lengths of the PDU contradict each other.
std::optional<std::size_t> token_offset(const protected_pdu& message) {
    const std::size_t size = message.pdu.size();
    constexpr std::size_t trailer = protected_pdu::trailer_size;
    if (size < trailer || message.body_offset > size - trailer ||
        message.body_length > size - trailer - message.body_offset)
        return std::nullopt;
    return message.body_offset + message.body_length + trailer;
}

/// Token, header, body, trailer. In DCE style everything the mechanism adds is in the token.
std::array<gss_iov_buffer_desc, 4> regions(const protected_pdu& message, std::size_t token_at) {
    const OM_uint32 around =
        message.header_signing ? GSS_IOV_BUFFER_TYPE_SIGN_ONLY : GSS_IOV_BUFFER_TYPE_EMPTY;
    std::byte* pdu = message.pdu.data();
    const std::size_t body_end = message.body_offset + message.body_length;
    return {{{GSS_IOV_BUFFER_TYPE_HEADER, {message.pdu.size() - token_at, pdu + token_at}},
             {around, {message.body_offset, pdu}},
             {GSS_IOV_BUFFER_TYPE_DATA, {message.body_length, pdu + message.body_offset}},
             {around, {protected_pdu::trailer_size, pdu + body_end}}}};
}

/// What a signature covers: unlike NTLM's it depends on header signing.
bytes_view signed_part(const protected_pdu& message, std::size_t token_at) {
    return message.header_signing
               ? bytes_view(message.pdu).first(token_at)
               : bytes_view(message.pdu).subspan(message.body_offset, message.body_length);
}

std::size_t measure_seal(gss_ctx_id_t context) {
    std::array<gss_iov_buffer_desc, 2> parts{{{GSS_IOV_BUFFER_TYPE_HEADER, GSS_C_EMPTY_BUFFER},
                                              {GSS_IOV_BUFFER_TYPE_DATA, {16, nullptr}}}};
    OM_uint32 minor = 0;
    const OM_uint32 major =
        gss_wrap_iov_length(&minor, context, encrypted, GSS_C_QOP_DEFAULT, nullptr, parts.data(),
                            static_cast<int>(parts.size()));
    return major == GSS_S_COMPLETE ? parts[0].buffer.length : 0;
}

std::size_t measure_signature(gss_ctx_id_t context) {
    std::array<gss_iov_buffer_desc, 2> parts{{{GSS_IOV_BUFFER_TYPE_DATA, {16, nullptr}},
                                              {GSS_IOV_BUFFER_TYPE_MIC_TOKEN, GSS_C_EMPTY_BUFFER}}};
    OM_uint32 minor = 0;
    const OM_uint32 major = gss_get_mic_iov_length(&minor, context, GSS_C_QOP_DEFAULT, parts.data(),
                                                   static_cast<int>(parts.size()));
    return major == GSS_S_COMPLETE ? parts[1].buffer.length : 0;
}

} // namespace

pdu_protection::pdu_protection(std::unique_ptr<gss::context> context)
    : owned_(std::move(context)), context_(owned_->get()), sealed_size_(measure_seal(context_)),
      signed_size_(measure_signature(context_)) {}

std::size_t pdu_protection::size_at(protection_level level) const {
    return level == protection_level::privacy ? sealed_size_ : signed_size_;
}

bool pdu_protection::wrap(const protected_pdu& message, std::size_t token_at) {
    auto parts = regions(message, token_at);
    OM_uint32 minor = 0;
    int sealed = 0;
    return gss_wrap_iov(&minor, context_, encrypted, GSS_C_QOP_DEFAULT, &sealed, parts.data(),
                        static_cast<int>(parts.size())) == GSS_S_COMPLETE &&
           sealed != 0 && parts[0].buffer.length == message.pdu.size() - token_at;
}

bool pdu_protection::unwrap(const protected_pdu& message, std::size_t token_at) {
    auto parts = regions(message, token_at);
    OM_uint32 minor = 0;
    int sealed = 0;
    // Exactly complete: old, duplicate and out-of-order tokens come as supplementary bits.
    return gss_unwrap_iov(&minor, context_, &sealed, nullptr, parts.data(),
                          static_cast<int>(parts.size())) == GSS_S_COMPLETE &&
           sealed != 0;
}

bool pdu_protection::sign(const protected_pdu& message, std::size_t token_at) {
    const byte_string mic = make_mic(signed_part(message, token_at));
    const auto token = message.pdu.subspan(token_at);
    if (mic.empty() || mic.size() != token.size())
        return false;
    std::ranges::copy(mic, token.begin());
    return true;
}

bool pdu_protection::verify(const protected_pdu& message, std::size_t token_at) {
    return verify_mic(signed_part(message, token_at), message.pdu.subspan(token_at));
}

bool pdu_protection::write(const protected_pdu& message) {
    const auto token_at = token_offset(message);
    if (!token_at || message.pdu.size() - *token_at != size_at(message.level))
        return false;
    const bool seal = message.level == protection_level::privacy;
    return seal ? wrap(message, *token_at) : sign(message, *token_at);
}

bool pdu_protection::read(const protected_pdu& message) {
    const auto token_at = token_offset(message);
    if (!token_at || *token_at == message.pdu.size())
        return false;
    const bool seal = message.level == protection_level::privacy;
    return seal ? unwrap(message, *token_at) : verify(message, *token_at);
}

byte_string pdu_protection::make_mic(bytes_view data) {
    gss_buffer_desc in = gss::input(data);
    gss::buffer out;
    OM_uint32 minor = 0;
    if (gss_get_mic(&minor, context_, GSS_C_QOP_DEFAULT, &in, out.put()) != GSS_S_COMPLETE)
        return {};
    return {out.bytes().begin(), out.bytes().end()};
}

bool pdu_protection::verify_mic(bytes_view data, bytes_view mic) {
    gss_buffer_desc in = gss::input(data);
    gss_buffer_desc token = gss::input(mic);
    OM_uint32 minor = 0;
    return gss_verify_mic(&minor, context_, &in, &token, nullptr) == GSS_S_COMPLETE;
}

} // namespace bridge::auth::kerberos
