// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/file_account_source.hpp"

#include "bridge/auth/ntlm_crypto.hpp"
#include "bridge/auth/ntlm_messages.hpp"
#include "bridge/win32/utf16.hpp"

#include <utility>

namespace bridge::auth {

namespace {

attempt_result answer(attempt_result::verdict is, std::string reason) {
    attempt_result out;
    out.is = is;
    out.reason = std::move(reason);
    return out;
}

attempt_result verify_hash(const key16& hash, const ntlm_attempt& attempt) {
    const key16 ntowf = ntlm::ntowf_v2(hash, attempt.user, attempt.domain);
    const bytes_view blob = attempt.nt_response.subspan(ntlm::proof_size);
    const key16 proof = ntlm::nt_proof(ntowf, attempt.challenge, blob);
    if (!equal_secret(proof.bytes(), attempt.nt_response.first(ntlm::proof_size)))
        return answer(attempt_result::verdict::refused, "wrong password");
    attempt_result out;
    out.is = attempt_result::verdict::accepted;
    out.session_key = ntlm::session_base_key(ntowf, proof);
    return out;
}

} // namespace

file_account_source::file_account_source(std::filesystem::path path, std::string own_name,
                                         local_rights rights)
    : path_(std::move(path)), own_name_(std::move(own_name)), rights_(std::move(rights)) {}

attempt_result file_account_source::verify(const ntlm_attempt& attempt) const {
    using verdict = attempt_result::verdict;
    if (attempt.nt_response.size() <= ntlm::v1_response_size)
        return answer(verdict::refused, "not an NTLMv2 response");
    std::error_code ignored; // what cannot be looked at is read, and the reading says why
    if (std::filesystem::symlink_status(path_, ignored).type() ==
        std::filesystem::file_type::not_found)
        return answer(verdict::not_mine, path_.string() + ": no such file");
    const auto list = read_accounts(path_);
    if (const auto* bad = std::get_if<accounts_error>(&list))
        return answer(verdict::unavailable, bad->text);
    const auto& accounts = std::get<account_list>(list);
    const std::string user = win32::to_utf8(attempt.user);
    const std::string domain = win32::to_utf8(attempt.domain);
    // A client's "@REALM" would name a principal, and "*" the wildcard: neither is a domain.
    const account_entry* entry = nullptr;
    if (!domain.empty() && domain.front() != '@' && domain != "*")
        entry = accounts.find(user, domain);
    if (entry == nullptr)
        entry = accounts.find(user, "*");
    if (entry == nullptr || !entry->hash) {
        verify_hash(key16{}, attempt); // the same work, so that time does not tell known names
        return answer(verdict::not_mine, "no such account in the accounts file");
    }
    attempt_result out = verify_hash(*entry->hash, attempt);
    if (out.is == verdict::accepted)
        out.who = {entry->user, entry->domain == "*" ? own_name_ : entry->domain, mechanism::ntlm,
                   sids_of(*entry, rights_)};
    return out;
}

} // namespace bridge::auth
