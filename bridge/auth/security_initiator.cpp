// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/security_initiator.hpp"

#include "bridge/auth/kerberos_initiator.hpp"
#include "bridge/auth/ntlm_initiator.hpp"
#include "bridge/auth/spnego_initiator.hpp"
#include "bridge/win32/utf16.hpp"

#include <utility>

namespace bridge::auth {

namespace {

std::unique_ptr<mechanism_initiator> make_mechanism(mechanism type,
                                                    const client_credentials& credentials) {
    if (type == mechanism::kerberos)
        return std::make_unique<kerberos::initiator>(credentials.target);
    const auto hash = ntlm::nt_hash_utf8(credentials.password);
    if (type != mechanism::ntlm || !hash)
        return nullptr;
    return std::make_unique<ntlm::initiator>(win32::to_utf16(credentials.user),
                                             win32::to_utf16(credentials.domain), *hash);
}

} // namespace

std::unique_ptr<security_initiator>
make_initiator(mechanism type, const client_credentials& credentials, mechanism inner) {
    if (type != mechanism::spnego)
        return make_mechanism(type, credentials);
    auto wrapped = make_mechanism(inner, credentials);
    if (!wrapped)
        return nullptr;
    const bytes_view oid =
        inner == mechanism::kerberos ? spnego::oid_kerberos() : spnego::oid_ntlm();
    return std::make_unique<spnego::initiator>(oid, std::move(wrapped));
}

} // namespace bridge::auth
