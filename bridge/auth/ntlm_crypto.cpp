// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/ntlm_crypto.hpp"

#include "bridge/auth/utf16_bytes.hpp"
#include "bridge/win32/upcase.hpp"
#include "bridge/win32/utf16.hpp"

#include <nettle/arcfour.h>
#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/md5.h>

namespace bridge::auth::ntlm {

key16 nt_hash(std::u16string_view password) {
    byte_string text = utf16_bytes(password);
    md4_ctx state;
    md4_init(&state);
    md4_update(&state, text.size(), u8(text.data()));
    key16 out;
    md4_digest(&state, key16::length, out.data());
    wipe(text.data(), text.size());
    wipe(&state, sizeof state);
    return out;
}

std::optional<key16> nt_hash_utf8(std::string_view password) {
    auto text = win32::strict_utf16(password);
    if (!text)
        return std::nullopt;
    const key16 out = nt_hash(*text);
    wipe(text->data(), text->size() * sizeof(char16_t));
    return out;
}

key16 hmac_md5(const key16& key, std::initializer_list<bytes_view> parts) {
    hmac_md5_ctx state;
    hmac_md5_set_key(&state, key16::length, key.data());
    for (const bytes_view part : parts)
        hmac_md5_update(&state, part.size(), u8(part.data()));
    key16 out;
    hmac_md5_digest(&state, key16::length, out.data());
    wipe(&state, sizeof state);
    return out;
}

key16 ntowf_v2(const key16& hash, std::u16string_view user, std::u16string_view domain) {
    const byte_string upper_user = utf16_bytes(win32::fold(user));
    const byte_string sent_domain = utf16_bytes(domain);
    return hmac_md5(hash, {upper_user, sent_domain});
}

key16 nt_proof(const key16& ntowf, bytes_view server_challenge, bytes_view client_blob) {
    return hmac_md5(ntowf, {server_challenge, client_blob});
}

key16 session_base_key(const key16& ntowf, const key16& proof) {
    return hmac_md5(ntowf, {proof.bytes()});
}

key16 rc4_key(const key16& key, std::span<const std::byte, key16::length> data) {
    arcfour_ctx state;
    arcfour_set_key(&state, key16::length, key.data());
    key16 out;
    arcfour_crypt(&state, key16::length, out.data(), u8(data.data()));
    wipe(&state, sizeof state);
    return out;
}

key16 derive_key(const key16& session_key, std::string_view magic_text) {
    md5_ctx state;
    md5_init(&state);
    md5_update(&state, key16::length, session_key.data());
    md5_update(&state, magic_text.size(), reinterpret_cast<const std::uint8_t*>(magic_text.data()));
    const std::uint8_t terminator = 0;
    md5_update(&state, 1, &terminator);
    key16 out;
    md5_digest(&state, key16::length, out.data());
    wipe(&state, sizeof state);
    return out;
}

} // namespace bridge::auth::ntlm
