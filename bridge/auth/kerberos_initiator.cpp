// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/kerberos_initiator.hpp"

#include "bridge/auth/kerberos_pdu.hpp"

#include <utility>

namespace bridge::auth::kerberos {

namespace {

using outcome = step_result::outcome;

constexpr OM_uint32 wanted_flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG |
                                   GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_DCE_STYLE;

} // namespace

initiator::initiator(const std::string& target) : context_(std::make_unique<gss::context>()) {
    gss_buffer_desc text = gss::input(std::as_bytes(std::span(target)));
    OM_uint32 minor = 0;
    dead_ =
        gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, target_.put()) != GSS_S_COMPLETE;
}

step_result initiator::step(bytes_view token) {
    if (dead_ || !context_)
        return {outcome::refused, {}, "Kerberos: no exchange is under way"};
    gss_buffer_desc in = gss::input(token);
    gss::buffer out;
    OM_uint32 flags = 0;
    OM_uint32 minor = 0;
    const OM_uint32 major = gss_init_sec_context(
        &minor, GSS_C_NO_CREDENTIAL, context_->put(), target_.get(), gss::kerberos(), wanted_flags,
        0, GSS_C_NO_CHANNEL_BINDINGS, &in, nullptr, out.put(), &flags, nullptr);
    byte_string answer(out.bytes().begin(), out.bytes().end());
    if (major == GSS_S_CONTINUE_NEEDED)
        return {outcome::more, std::move(answer), {}};
    dead_ = major != GSS_S_COMPLETE || (flags & wanted_flags) != wanted_flags;
    if (dead_)
        return {outcome::refused, {}, "Kerberos: " + gss::describe(major, minor)};
    protect_with(std::make_unique<pdu_protection>(std::move(context_)));
    return {outcome::done, std::move(answer), {}};
}

} // namespace bridge::auth::kerberos
