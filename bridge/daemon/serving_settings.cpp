// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/serving_settings.hpp"

#include "bridge/auth/local_rights.hpp"
#include "bridge/win32/sddl.hpp"
#include "bridge/win32/upcase.hpp"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>

namespace bridge::daemon {
namespace {

std::string host_name() {
    char name[256] = {};
    ::gethostname(name, sizeof name - 1);
    return name;
}

} // namespace

dcerpc::limits limits_of(const configuration& c) {
    dcerpc::limits l;
    l.connections = c.connections;
    l.connections_per_source = c.connections_per_source;
    l.unauthenticated_connections = c.unauthenticated_connections;
    l.bind_time = std::chrono::seconds(c.bind_timeout_s);
    l.pdu_time = std::chrono::seconds(c.pdu_timeout_s);
    l.write_time = std::chrono::seconds(c.write_timeout_s);
    l.idle_time = std::chrono::seconds(c.idle_timeout_s);
    l.reassembly_call = c.request_bytes;
    l.reassembly_process = c.reassembly_bytes;
    l.waiting_calls = c.waiting_calls;
    l.handles_association = c.context_handles;
    l.handles_identity = c.context_handles_of_an_identity;
    l.handles_process = c.context_handles_in_all;
    l.auth_in_flight = c.authentications;
    l.auth_in_flight_per_source = c.authentications_per_source;
    l.auth_failures_per_minute = c.authentication_failures_per_minute;
    return l;
}

auth::acceptor_config acceptor_of(const configuration& c, const win32::guid& cluster) {
    const std::string host = host_name();
    const std::string label = host.substr(0, host.find('.'));
    auth::acceptor_config result;
    // A keytab that is not there is not asked for: Kerberos is simply not offered.
    if (!c.keytab.empty() && std::filesystem::exists(c.keytab))
        result.keytab = c.keytab;
    if (!c.accounts_file.empty())
        result.accounts_file = c.accounts_file;
    result.winbind = c.winbind;
    result.allow_anonymous = c.anonymous;
    result.netbios_computer = win32::fold(label).substr(0, 15);
    result.netbios_domain =
        win32::fold(c.cluster_name.empty() ? "CLUSBRIDGE" : c.cluster_name).substr(0, 15);
    result.dns_computer = host;
    result.dns_domain = c.cluster_domain;
    result.machine_sid = auth::derive_machine_sid(win32::to_string(cluster));
    result.admin_unix_groups = {c.administrators_group};
    return result;
}

model::builder_settings builder_of(const configuration& c, const win32::guid& cluster) {
    model::builder_settings s;
    s.cluster_id = cluster;
    s.cluster_name = c.cluster_name;
    s.domain = c.cluster_domain;
    s.description = c.cluster_description;
    s.highest_version = s.lowest_version = c.cluster_version;
    s.major_version = c.major_version;
    s.minor_version = c.minor_version;
    s.build_number = c.build_number;
    return s;
}

model::personality personality_of(const configuration& c) {
    model::personality p;
    p.major = static_cast<std::uint16_t>(c.major_version);
    p.minor = static_cast<std::uint16_t>(c.minor_version);
    p.build = static_cast<std::uint16_t>(c.build_number);
    p.highest = p.lowest = c.cluster_version;
    return p;
}

clusapi::fixed_security security_of(const configuration& c) {
    auto descriptor = win32::parse_sddl(c.security_descriptor);
    if (!descriptor)
        throw configuration_error("access.security_descriptor is not SDDL: " +
                                  c.security_descriptor);
    return clusapi::fixed_security(
        std::make_shared<const win32::security_descriptor>(std::move(*descriptor)));
}

} // namespace bridge::daemon
