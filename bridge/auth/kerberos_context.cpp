// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/kerberos_context.hpp"

#include "bridge/auth/kerberos_identity.hpp"
#include "bridge/auth/kerberos_pdu.hpp"
#include "bridge/auth/spnego_tokens.hpp"

#include <array>
#include <utility>

namespace bridge::auth::kerberos {

namespace {

using outcome = step_result::outcome;

constexpr OM_uint32 required_flags = GSS_C_MUTUAL_FLAG | GSS_C_DCE_STYLE;

/// The highest level that the client's flags allow; without sequence numbers a signature would not
/// notice a replay.
protection_level strongest_level(OM_uint32 flags) {
    constexpr OM_uint32 signing = GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;
    if ((flags & signing) != signing)
        return protection_level::connect;
    return (flags & GSS_C_CONF_FLAG) != 0 ? protection_level::privacy : protection_level::integrity;
}

constexpr std::size_t max_token_size = 65536;

/// First bytes of raw AP-REQ and AP-REP (RFC 4120 5.5): nothing else may choose a mechanism.
constexpr std::byte ap_req_tag{0x6e};
constexpr std::byte ap_rep_tag{0x6f};

} // namespace

context::context(const acceptor_settings& settings)
    : settings_(settings), context_(std::make_unique<gss::context>()) {}

step_result context::refuse(std::string reason) {
    state_ = state::dead;
    forget();
    return {outcome::refused, {}, "Kerberos: " + std::move(reason)};
}

bool context::acquire(std::string& why) {
    std::array<gss_key_value_element_desc, 2> elements{};
    OM_uint32 count = 0;
    const std::string keytab = "FILE:" + settings_.keytab.string();
    elements[count++] = {"keytab", keytab.c_str()};
    if (settings_.replay_cache)
        elements[count++] = {"rcache", settings_.replay_cache->c_str()};
    const gss_key_value_set_desc store{count, elements.data()};
    gss_OID_set_desc only{1, gss::kerberos()};
    OM_uint32 minor = 0;
    const OM_uint32 major =
        gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &only, GSS_C_ACCEPT, &store,
                              credential_.put(), nullptr, nullptr);
    if (major != GSS_S_COMPLETE)
        why = settings_.keytab.string() + ": " + gss::describe(major, minor);
    return major == GSS_S_COMPLETE;
}

step_result context::step(bytes_view token) {
    if (state_ == state::done || state_ == state::dead)
        return refuse("a token after the end of the exchange");
    if (token.size() > max_token_size)
        return refuse("token too long");
    // GSSAPI takes AP-REQ in DCE style without framing only; some clients frame it all the same.
    const bytes_view bare = spnego::without_framing(token);
    const std::byte wanted = state_ == state::wants_request ? ap_req_tag : ap_rep_tag;
    if (bare.empty() || bare.front() != wanted)
        return refuse("malformed token");
    std::string why;
    if (state_ == state::wants_request && !acquire(why))
        return refuse(std::move(why));
    return advance(bare);
}

step_result context::advance(bytes_view token) {
    gss_buffer_desc in = gss::input(token);
    gss::buffer out;
    gss::name client;
    gss_OID used = GSS_C_NO_OID;
    OM_uint32 flags = 0;
    OM_uint32 minor = 0;
    const OM_uint32 major = gss_accept_sec_context(&minor, context_->put(), credential_.get(), &in,
                                                   GSS_C_NO_CHANNEL_BINDINGS, client.put(), &used,
                                                   out.put(), &flags, nullptr, nullptr);
    byte_string answer(out.bytes().begin(), out.bytes().end());
    if (major == GSS_S_CONTINUE_NEEDED && state_ == state::wants_request) {
        state_ = state::wants_reply;
        return {outcome::more, std::move(answer), {}};
    }
    if (major != GSS_S_COMPLETE)
        return refuse(gss::describe(major, minor));
    const bytes_view used_oid =
        used == GSS_C_NO_OID
            ? bytes_view{}
            : bytes_view(static_cast<const std::byte*>(used->elements), used->length);
    if (!spnego::same_oid(used_oid, spnego::oid_kerberos()))
        return refuse("another mechanism");
    step_result result = complete(flags, client.get());
    result.token = std::move(answer);
    return result;
}

step_result context::complete(OM_uint32 flags, gss_name_t client) {
    if ((flags & required_flags) != required_flags)
        return refuse("the client did not ask for mutual authentication and DCE style");
    if ((flags & GSS_C_ANON_FLAG) != 0)
        return refuse("anonymous logon");
    std::string note;
    auto who = identify(client, settings_, note);
    if (!who)
        return refuse(std::move(note));
    auto protection = std::make_unique<pdu_protection>(std::move(context_));
    if (protection->token_size(protection_level::privacy) == 0 ||
        protection->token_size(protection_level::integrity) == 0)
        return refuse("the session key has no use for message protection");
    admit(std::move(*who), std::move(protection), strongest_level(flags));
    state_ = state::done;
    return {outcome::done, {}, std::move(note)};
}

} // namespace bridge::auth::kerberos
