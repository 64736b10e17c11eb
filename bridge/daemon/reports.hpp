// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/observer.hpp"
#include "bridge/dcerpc/observer.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace bridge::daemon {

/// Turns what the runtime and the handlers report into log messages. A peer that repeats itself
/// fills no log: messages about one source and one matter are written once a second at most, with
/// the count of those left out.
class rpc_reports final : public dcerpc::observer {
public:
    void connection_opened(const dcerpc::connection_info& connection) override;
    void connection_closed(const dcerpc::connection_info& connection,
                           std::string_view why) override;
    void authenticated(const dcerpc::connection_info& connection, const auth::identity& who,
                       auth::protection_level level) override;
    void authentication_failed(const dcerpc::connection_info& connection, auth::mechanism mechanism,
                               std::string_view why) override;
    void call_refused(const dcerpc::connection_info& connection, const dcerpc::interface& target,
                      std::uint16_t opnum, dcerpc::fault status) override;
    void fault_sent(const dcerpc::connection_info& connection, std::uint32_t call_id,
                    dcerpc::fault status) override;
    void limit_hit(const dcerpc::connection_info& connection, std::string_view name) override;
    void accept_failed(std::string_view why) override;

private:
    using clock = std::chrono::steady_clock;
    struct mute {
        clock::time_point until{};
        std::uint64_t left_out = 0;
    };
    static constexpr std::size_t max_sources = 1024;

    /// Whether to write a message of this matter about this source now; `note` receives " (N more
    /// left out)".
    bool due(std::string_view matter, std::string_view source, std::string& note);

    std::unordered_map<std::string, mute> muted_;
};

/// Audit: refused and changing calls, with identity, object and result.
class call_reports final : public clusapi::observer {
public:
    void answered(const clusapi::call_report& report) override;
};

} // namespace bridge::daemon
