// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/acceptor.hpp"

#include "bridge/auth/file_account_source.hpp"
#include "bridge/auth/kerberos_context.hpp"
#include "bridge/auth/ntlm_context.hpp"
#include "bridge/auth/spnego_context.hpp"
#include "bridge/auth/winbind_source.hpp"
#include "bridge/win32/utf16.hpp"

#include <utility>

namespace bridge::auth {

namespace {

std::u16string wide(const std::string& text) {
    return win32::strict_utf16(text).value_or(std::u16string{});
}

class configured_acceptor final : public acceptor, private spnego::mechanism_factory {
public:
    explicit configured_acceptor(const acceptor_config& config) {
        const local_rights rights{config.machine_sid, config.admin_unix_groups,
                                  config.administrators};
        set_ntlm(config, rights);
        if (config.keytab)
            kerberos_ = kerberos::acceptor_settings{*config.keytab, config.replay_cache,
                                                    config.accounts_file, config.winbind, rights};
    }

    std::unique_ptr<security_context> accept(mechanism type) override {
        spnego::mechanism_factory& self = *this;
        if (type == mechanism::spnego)
            return std::make_unique<spnego::context>(self);
        return make(type);
    }

private:
    void set_ntlm(const acceptor_config& config, const local_rights& rights) {
        ntlm_.netbios_computer = wide(config.netbios_computer);
        ntlm_.netbios_domain = wide(config.netbios_domain);
        ntlm_.dns_computer = wide(config.dns_computer);
        ntlm_.dns_domain = wide(config.dns_domain);
        ntlm_.rights = rights;
        ntlm_.allow_anonymous = config.allow_anonymous;
        if (config.accounts_file)
            ntlm_.sources.push_back(std::make_unique<file_account_source>(
                *config.accounts_file, config.netbios_computer, rights));
        if (config.winbind)
            ntlm_.sources.push_back(std::make_unique<winbind_source>());
    }

    std::unique_ptr<mechanism_context> make(mechanism type) override {
        if (type == mechanism::ntlm && !ntlm_.sources.empty())
            return std::make_unique<ntlm::context>(ntlm_);
        if (type == mechanism::kerberos && kerberos_)
            return std::make_unique<kerberos::context>(*kerberos_);
        return nullptr;
    }

    ntlm::acceptor_settings ntlm_;
    std::optional<kerberos::acceptor_settings> kerberos_;
};

} // namespace

std::unique_ptr<acceptor> make_acceptor(acceptor_config config) {
    return std::make_unique<configured_acceptor>(config);
}

} // namespace bridge::auth
