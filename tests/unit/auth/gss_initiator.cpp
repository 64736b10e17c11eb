// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/auth/gss_initiator.hpp"

#include <array>

namespace bridge::auth::test {

namespace {

gss_OID_desc oid_of(const char* bytes, OM_uint32 length) {
    return {length, const_cast<char*>(bytes)};
}
gss_OID_desc kerberos_oid = oid_of("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 9);
gss_OID_desc ntlm_oid = oid_of("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a", 10);
gss_OID_desc spnego_oid = oid_of("\x2b\x06\x01\x05\x05\x02", 6);

gss_buffer_desc buffer_of(bytes_view bytes) {
    return {bytes.size(), const_cast<std::byte*>(bytes.data())};
}

gss_name_t import_name(const std::string& text, gss_OID type) {
    OM_uint32 minor = 0;
    gss_buffer_desc buffer{text.size(), const_cast<char*>(text.data())};
    gss_name_t out = GSS_C_NO_NAME;
    gss_import_name(&minor, &buffer, type, &out);
    return out;
}

} // namespace

gss_initiator::gss_initiator(gss_mechanism mechanism, const std::string& user,
                             const std::string& target, OM_uint32 without_flags)
    : target_(import_name(target, GSS_C_NT_HOSTBASED_SERVICE)),
      flags_(GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_SEQUENCE_FLAG |
             GSS_C_REPLAY_FLAG) {
    const bool spnego =
        mechanism == gss_mechanism::spnego_kerberos || mechanism == gss_mechanism::spnego_ntlm;
    const bool kerberos =
        mechanism == gss_mechanism::kerberos || mechanism == gss_mechanism::spnego_kerberos;
    gss_OID inner = kerberos ? &kerberos_oid : &ntlm_oid;
    mechanism_ = spnego ? &spnego_oid : inner;
    if (kerberos)
        flags_ |= GSS_C_DCE_STYLE;
    flags_ &= ~without_flags;
    gss_OID_set_desc wanted{1, mechanism_};
    const gss_name_t name = user.empty() ? GSS_C_NO_NAME : import_name(user, GSS_C_NT_USER_NAME);
    OM_uint32 minor = 0;
    const OM_uint32 major = gss_acquire_cred(&minor, name, GSS_C_INDEFINITE, &wanted,
                                             GSS_C_INITIATE, &credential_, nullptr, nullptr);
    if (GSS_ERROR(major))
        take_error(major, minor);
    gss_name_t used = name;
    gss_release_name(&minor, &used);
    if (spnego && !failed_) {
        gss_OID_set_desc only{1, inner};
        gss_set_neg_mechs(&minor, credential_, &only);
    }
}

gss_initiator::~gss_initiator() {
    OM_uint32 minor = 0;
    gss_delete_sec_context(&minor, &context_, GSS_C_NO_BUFFER);
    gss_release_cred(&minor, &credential_);
    gss_release_name(&minor, &target_);
}

void gss_initiator::take_error(OM_uint32 major, OM_uint32 minor) {
    failed_ = true;
    OM_uint32 ignored = 0;
    const std::array<std::pair<OM_uint32, int>, 2> codes{
        {{major, GSS_C_GSS_CODE}, {minor, GSS_C_MECH_CODE}}};
    for (const auto& [code, type] : codes) {
        OM_uint32 more = 0;
        gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
        gss_display_status(&ignored, code, type, mechanism_, &more, &text);
        error_ += std::string(static_cast<const char*>(text.value), text.length) + "; ";
        gss_release_buffer(&ignored, &text);
    }
}

byte_string gss_initiator::step(bytes_view token) {
    if (failed_)
        return {};
    OM_uint32 minor = 0;
    gss_buffer_desc in = buffer_of(token);
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    const OM_uint32 major =
        gss_init_sec_context(&minor, credential_, &context_, target_, mechanism_, flags_, 0,
                             GSS_C_NO_CHANNEL_BINDINGS, &in, nullptr, &out, nullptr, nullptr);
    const auto bytes = std::as_bytes(std::span(static_cast<const char*>(out.value), out.length));
    byte_string answer(bytes.begin(), bytes.end());
    OM_uint32 ignored = 0;
    gss_release_buffer(&ignored, &out);
    if (GSS_ERROR(major))
        take_error(major, minor);
    complete_ = major == GSS_S_COMPLETE;
    return answer;
}

byte_string gss_initiator::get_mic(bytes_view message) {
    OM_uint32 minor = 0;
    gss_buffer_desc in = buffer_of(message);
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    if (gss_get_mic(&minor, context_, GSS_C_QOP_DEFAULT, &in, &out) != GSS_S_COMPLETE)
        return {};
    const auto bytes = std::as_bytes(std::span(static_cast<const char*>(out.value), out.length));
    byte_string mic(bytes.begin(), bytes.end());
    gss_release_buffer(&minor, &out);
    return mic;
}

bool gss_initiator::verify_mic(bytes_view message, bytes_view mic) {
    OM_uint32 minor = 0;
    gss_buffer_desc in = buffer_of(message);
    gss_buffer_desc token = buffer_of(mic);
    return gss_verify_mic(&minor, context_, &in, &token, nullptr) == GSS_S_COMPLETE;
}

namespace {

std::array<gss_iov_buffer_desc, 4> regions(const protected_pdu& message) {
    const std::size_t trailer = message.body_offset + message.body_length;
    const std::size_t token = trailer + protected_pdu::trailer_size;
    const OM_uint32 around =
        message.header_signing ? GSS_IOV_BUFFER_TYPE_SIGN_ONLY : GSS_IOV_BUFFER_TYPE_EMPTY;
    std::byte* pdu = message.pdu.data();
    return {{{GSS_IOV_BUFFER_TYPE_HEADER, {message.pdu.size() - token, pdu + token}},
             {around, {message.body_offset, pdu}},
             {GSS_IOV_BUFFER_TYPE_DATA, {message.body_length, pdu + message.body_offset}},
             {around, {protected_pdu::trailer_size, pdu + trailer}}}};
}

} // namespace

bool gss_initiator::wrap_pdu(const protected_pdu& message) {
    auto iov = regions(message);
    OM_uint32 minor = 0;
    return gss_wrap_iov(&minor, context_, 1, GSS_C_QOP_DEFAULT, nullptr, iov.data(),
                        static_cast<int>(iov.size())) == GSS_S_COMPLETE;
}

bool gss_initiator::unwrap_pdu(const protected_pdu& message) {
    auto iov = regions(message);
    OM_uint32 minor = 0;
    int sealed = 0;
    return gss_unwrap_iov(&minor, context_, &sealed, nullptr, iov.data(),
                          static_cast<int>(iov.size())) == GSS_S_COMPLETE &&
           sealed != 0;
}

std::size_t gss_initiator::wrap_token_size() {
    std::array<gss_iov_buffer_desc, 2> iov{{{GSS_IOV_BUFFER_TYPE_HEADER, GSS_C_EMPTY_BUFFER},
                                            {GSS_IOV_BUFFER_TYPE_DATA, {16, nullptr}}}};
    OM_uint32 minor = 0;
    gss_wrap_iov_length(&minor, context_, 1, GSS_C_QOP_DEFAULT, nullptr, iov.data(), 2);
    return iov[0].buffer.length;
}

bool run_exchange(gss_initiator& client, security_context& server, std::string* reason) {
    constexpr int most_legs = 10;
    byte_string token = client.step({});
    for (int leg = 0; leg < most_legs && !client.has_failed(); ++leg) {
        const step_result answer = server.step(token);
        if (reason != nullptr)
            *reason = answer.reason;
        if (answer.state == step_result::outcome::refused)
            return false;
        if (!answer.token.empty())
            token = client.step(answer.token);
        if (answer.state == step_result::outcome::done)
            return client.is_complete();
    }
    if (reason != nullptr)
        *reason = client.error();
    return false;
}

} // namespace bridge::auth::test

// The NTLM plug-in of the system leaves its OpenSSL library context behind.
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libcrypto.so\n";
}
