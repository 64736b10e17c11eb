// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/kerberos_identity.hpp"

#include "bridge/auth/pac.hpp"
#include "bridge/auth/winbind_source.hpp"
#include "bridge/win32/utf16.hpp"

#include <string_view>

namespace bridge::auth::kerberos {

namespace {

/// The authenticated logon information of the ticket. `found` tells whether it has any.
std::optional<logon_information> logon_information_of(gss_name_t client, bool& found,
                                                      std::string& note) {
    constexpr std::string_view attribute = "urn:mspac:logon-info";
    gss_buffer_desc key = gss::input(std::as_bytes(std::span(attribute)));
    gss::buffer value;
    gss::buffer display;
    int authenticated = 0;
    int is_complete = 0;
    int more = -1;
    OM_uint32 minor = 0;
    const OM_uint32 major = gss_get_name_attribute(&minor, client, &key, &authenticated,
                                                   &is_complete, value.put(), display.put(), &more);
    found = major == GSS_S_COMPLETE;
    if (!found)
        return std::nullopt;
    if (authenticated == 0 || is_complete == 0) {
        note = "logon information that the KDC did not sign";
        return std::nullopt;
    }
    auto out = parse_logon_information(value.bytes());
    if (!out)
        note = "malformed logon information";
    return out;
}

/// Groups that the accounts file gives the principal by hand.
void add_mapped(identity& who, const std::string& realm, const std::string& user,
                const acceptor_settings& settings, std::string& note) {
    if (!settings.accounts_file)
        return;
    const auto list = read_accounts(*settings.accounts_file);
    if (const auto* bad = std::get_if<accounts_error>(&list)) {
        note = bad->text;
        return;
    }
    const account_entry* entry = std::get<account_list>(list).find(user, "@" + realm);
    if (entry == nullptr)
        return;
    for (const win32::sid& each : sids_of(*entry, settings.rights))
        add_sid(who.sids, each);
}

} // namespace

std::optional<identity> identify(gss_name_t client, const acceptor_settings& settings,
                                 std::string& note) {
    gss::buffer text;
    OM_uint32 minor = 0;
    if (gss_display_name(&minor, client, text.put(), nullptr) != GSS_S_COMPLETE)
        return std::nullopt;
    const std::string principal = text.text();
    const std::size_t at = principal.rfind('@');
    // An escaped or missing '@' would let one principal pass for another.
    if (at == std::string::npos || at == 0 || principal.find('\\') != std::string::npos ||
        principal.find('@') != at) {
        note = "a principal name that cannot be taken apart";
        return std::nullopt;
    }
    const std::string user = principal.substr(0, at);
    const std::string realm = principal.substr(at + 1);
    identity who{user, realm, mechanism::kerberos, {}};
    bool has_logon_information = false;
    auto logon = logon_information_of(client, has_logon_information, note);
    if (has_logon_information && !logon)
        return std::nullopt;
    if (logon) {
        who.sids = std::move(logon->sids);
        if (!logon->account.empty() && !logon->domain.empty()) {
            who.account = win32::to_utf8(logon->account);
            who.domain = win32::to_utf8(logon->domain);
        }
        if (settings.winbind)
            add_builtin_aliases(who.sids);
    }
    add_mapped(who, realm, user, settings, note);
    complete(who.sids, settings.rights);
    return who;
}

} // namespace bridge::auth::kerberos
