// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/secret.hpp"
#include "bridge/auth/wire_bytes.hpp"

#include <initializer_list>
#include <optional>
#include <string_view>

/// The functions of MS-NLMP 3.3.2 and 3.4.5; NTLMv2 only.
namespace bridge::auth::ntlm {

/// NTOWFv1: MD4 of the UTF-16LE password; this is what account files keep.
key16 nt_hash(std::u16string_view password);

/// The same of a UTF-8 password; nullopt when it is not UTF-8.
std::optional<key16> nt_hash_utf8(std::string_view password);

/// HMAC-MD5 of the concatenated parts.
key16 hmac_md5(const key16& key, std::initializer_list<bytes_view> parts);

/// NTOWFv2; the user is folded to upper case, the domain is taken as the client sent it.
key16 ntowf_v2(const key16& nt_hash, std::u16string_view user, std::u16string_view domain);

/// NTProofStr of an NTLMv2 response whose bytes after the proof are `client_blob`.
key16 nt_proof(const key16& ntowf, bytes_view server_challenge, bytes_view client_blob);

/// SessionBaseKey, which NTLMv2 also uses as key exchange key (MS-NLMP 3.4.5.1).
key16 session_base_key(const key16& ntowf, const key16& proof);

/// RC4K: 16 bytes en- or decrypted under a fresh key state.
key16 rc4_key(const key16& key, std::span<const std::byte, key16::length> data);

/// MD5(key || text || NUL): the sign and seal keys (MS-NLMP 3.4.5.2, 3.4.5.3).
key16 derive_key(const key16& session_key, std::string_view magic_text);

} // namespace bridge::auth::ntlm
