// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/winbind_source.hpp"

#include "bridge/win32/utf16.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdint.h>
#include <time.h>

extern "C" {
#include <wbclient.h>
}

namespace bridge::auth {

namespace {

constexpr std::size_t max_sids = 4096;

struct context_deleter {
    void operator()(wbcContext* context) const { wbcCtxFree(context); }
};
struct memory_deleter {
    void operator()(void* memory) const { wbcFreeMemory(memory); }
};
template <typename T>
using wbc_memory = std::unique_ptr<T, memory_deleter>;

win32::sid sid_of(const wbcDomainSid& value) {
    win32::sid out;
    for (const std::uint8_t each : value.id_auth)
        out.authority = out.authority << 8 | each;
    const int count = std::clamp<int>(value.num_auths, 0, win32::sid::max_sub_authorities);
    out.sub_authorities.assign(value.sub_auths, value.sub_auths + count);
    return out;
}

wbcDomainSid wbc_sid_of(const win32::sid& value) {
    wbcDomainSid out{};
    out.sid_rev_num = 1;
    const std::size_t count =
        std::min<std::size_t>(value.sub_authorities.size(), win32::sid::max_sub_authorities);
    out.num_auths = static_cast<int8_t>(count);
    for (std::size_t i = 0; i < 6; ++i)
        out.id_auth[i] = static_cast<std::uint8_t>(value.authority >> (8 * (5 - i)));
    std::copy_n(value.sub_authorities.begin(), count, out.sub_auths);
    return out;
}

attempt_result failure(wbcErr error, wbcAuthErrorInfo* details) {
    using verdict = attempt_result::verdict;
    attempt_result out;
    out.is = error == WBC_ERR_AUTH_ERROR ? verdict::refused : verdict::unavailable;
    out.reason = std::string("winbind: ") + wbcErrorString(error);
    if (details != nullptr && details->nt_string != nullptr)
        out.reason += std::string(" (") + details->nt_string + ")";
    return out;
}

/// Writable copies: the library's structure has no const.
struct responses {
    byte_string nt;
    byte_string lm;
};

attempt_result success(const wbcAuthUserInfo& info) {
    attempt_result out;
    if ((info.user_flags & WBC_AUTH_USER_INFO_GUEST) != 0) {
        out.reason = "winbind: guest logon";
        return out;
    }
    std::copy_n(info.user_session_key, key16::length, out.session_key.data());
    const bool has_key = std::any_of(info.user_session_key, info.user_session_key + key16::length,
                                     [](std::uint8_t byte) { return byte != 0; });
    if (!has_key) { // a session without a secret would protect nothing
        out.reason = "winbind: no session key";
        return out;
    }
    if (info.account_name == nullptr || info.account_name[0] == '\0') {
        out.reason = "winbind: no account name";
        return out;
    }
    out.who.account = info.account_name;
    out.who.domain = info.domain_name != nullptr ? info.domain_name : "";
    out.who.proved_by = mechanism::ntlm;
    for (std::size_t i = 0; i < std::min<std::size_t>(info.num_sids, max_sids); ++i)
        if ((info.sids[i].attributes & WBC_SID_ATTR_GROUP_USEFOR_DENY_ONLY) == 0)
            add_sid(out.who.sids, sid_of(info.sids[i].sid));
    add_builtin_aliases(out.who.sids);
    out.is = attempt_result::verdict::accepted;
    return out;
}

} // namespace

attempt_result winbind_source::verify(const ntlm_attempt& attempt) const {
    const std::unique_ptr<wbcContext, context_deleter> context(wbcCtxCreate());
    if (!context)
        return failure(WBC_ERR_NO_MEMORY, nullptr);
    const std::string user = win32::to_utf8(attempt.user);
    const std::string domain = win32::to_utf8(attempt.domain);
    const std::string workstation = win32::to_utf8(attempt.workstation);
    responses copy{{attempt.nt_response.begin(), attempt.nt_response.end()},
                   {attempt.lm_response.begin(), attempt.lm_response.end()}};
    wbcAuthUserParams params{};
    params.account_name = user.c_str();
    params.domain_name = domain.c_str();
    params.workstation_name = workstation.c_str();
    // Computers manage clusters too: their accounts may log on.
    params.parameter_control =
        WBC_MSV1_0_ALLOW_WORKSTATION_TRUST_ACCOUNT | WBC_MSV1_0_ALLOW_SERVER_TRUST_ACCOUNT;
    params.level = wbcAuthUserParams::WBC_AUTH_USER_LEVEL_RESPONSE;
    std::copy_n(u8(attempt.challenge.data()), attempt.challenge.size(),
                params.password.response.challenge);
    params.password.response.nt_length = static_cast<std::uint32_t>(copy.nt.size());
    params.password.response.nt_data = u8(copy.nt.data());
    params.password.response.lm_length = static_cast<std::uint32_t>(copy.lm.size());
    params.password.response.lm_data = u8(copy.lm.data());
    wbcAuthUserInfo* info_out = nullptr;
    wbcAuthErrorInfo* error_out = nullptr;
    const wbcErr error = wbcCtxAuthenticateUserEx(context.get(), &params, &info_out, &error_out);
    const wbc_memory<wbcAuthUserInfo> info(info_out);
    const wbc_memory<wbcAuthErrorInfo> details(error_out);
    if (error != WBC_ERR_SUCCESS || !info)
        return failure(error, details.get());
    attempt_result out = success(*info);
    wipe(info->user_session_key, sizeof info->user_session_key);
    return out;
}

void add_builtin_aliases(std::vector<win32::sid>& sids) {
    const std::unique_ptr<wbcContext, context_deleter> context(wbcCtxCreate());
    if (!context || sids.empty())
        return;
    const win32::sid builtin{5, {32}};
    const wbcDomainSid domain = wbc_sid_of(builtin);
    std::vector<wbcDomainSid> members;
    for (const win32::sid& each : sids)
        members.push_back(wbc_sid_of(each));
    std::uint32_t* rids_out = nullptr;
    std::uint32_t count = 0;
    const wbcErr error =
        wbcCtxGetSidAliases(context.get(), &domain, members.data(),
                            static_cast<std::uint32_t>(members.size()), &rids_out, &count);
    const wbc_memory<std::uint32_t> rids(rids_out);
    if (error != WBC_ERR_SUCCESS || !rids)
        return;
    for (std::uint32_t i = 0; i < count; ++i)
        add_sid(sids, {builtin.authority, {builtin.sub_authorities.front(), rids_out[i]}});
}

} // namespace bridge::auth
