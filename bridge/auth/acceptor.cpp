// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/acceptor.hpp"

#include "bridge/auth/file_account_source.hpp"
#include "bridge/auth/ntlm_context.hpp"
#include "bridge/win32/utf16.hpp"

#include <utility>

namespace bridge::auth {

namespace {

std::u16string wide(const std::string& text) {
    return win32::strict_utf16(text).value_or(std::u16string{});
}

class configured_acceptor final : public acceptor {
public:
    explicit configured_acceptor(acceptor_config config) : config_(std::move(config)) {
        ntlm_.netbios_computer = wide(config_.netbios_computer);
        ntlm_.netbios_domain = wide(config_.netbios_domain);
        ntlm_.dns_computer = wide(config_.dns_computer);
        ntlm_.dns_domain = wide(config_.dns_domain);
        ntlm_.rights = {config_.machine_sid, config_.admin_unix_groups, config_.administrators};
        if (config_.accounts_file)
            ntlm_.sources.push_back(
                std::make_unique<file_account_source>(*config_.accounts_file, ntlm_.rights));
    }

    std::unique_ptr<security_context> accept(mechanism type) override {
        if (type == mechanism::ntlm && !ntlm_.sources.empty())
            return std::make_unique<ntlm::context>(ntlm_);
        return nullptr;
    }

private:
    acceptor_config config_;
    ntlm::acceptor_settings ntlm_;
};

} // namespace

std::unique_ptr<acceptor> make_acceptor(acceptor_config config) {
    return std::make_unique<configured_acceptor>(std::move(config));
}

} // namespace bridge::auth
