// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_context.hpp"
#include "bridge/auth/wire_bytes.hpp"

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <string>

namespace bridge::auth::test {

enum class gss_mechanism { kerberos, ntlm, spnego_kerberos, spnego_ntlm };

/// A client of the system's GSSAPI: an implementation that shares nothing with ours.
class gss_initiator {
public:
    /// `user` is a name of the mechanism's credentials ("DOMAIN\\user" for NTLM; empty: default).
    gss_initiator(gss_mechanism mechanism, const std::string& user, const std::string& target,
                  OM_uint32 without_flags = 0);
    gss_initiator(const gss_initiator&) = delete;
    gss_initiator& operator=(const gss_initiator&) = delete;
    ~gss_initiator();

    /// The next token for the acceptor; empty when there is none.
    byte_string step(bytes_view token);

    [[nodiscard]] bool is_complete() const { return complete_; }
    [[nodiscard]] bool has_failed() const { return failed_; }
    [[nodiscard]] const std::string& error() const { return error_; }

    byte_string get_mic(bytes_view message);
    bool verify_mic(bytes_view message, bytes_view mic);

    /// The PDU protection of a Kerberos client (both sides of MS-RPCE 3.3.1.5.2.2).
    bool wrap_pdu(const protected_pdu& message);
    bool unwrap_pdu(const protected_pdu& message);
    std::size_t wrap_token_size();

private:
    void take_error(OM_uint32 major, OM_uint32 minor);

    gss_ctx_id_t context_ = GSS_C_NO_CONTEXT;
    gss_cred_id_t credential_ = GSS_C_NO_CREDENTIAL;
    gss_name_t target_ = GSS_C_NO_NAME;
    gss_OID mechanism_ = GSS_C_NO_OID;
    OM_uint32 flags_ = 0;
    bool complete_ = false;
    bool failed_ = false;
    std::string error_;
};

/// Runs both sides to the end; true when both completed.
bool run_exchange(gss_initiator& client, security_context& server, std::string* reason = nullptr);

} // namespace bridge::auth::test
