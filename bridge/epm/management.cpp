// SPDX-License-Identifier: Apache-2.0
#include "bridge/epm/management.hpp"

#include "bridge/epm/stub.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

namespace bridge::epm {

namespace mgmt = gen::mgmt;

namespace {

constexpr std::uint32_t ok = 0;
constexpr std::uint32_t access_denied = 5;
constexpr std::uint32_t unknown_authentication_service = 1747;
constexpr std::uint32_t string_too_long = 1743;

constexpr std::uint32_t negotiate = 9;
constexpr std::uint32_t kerberos = 16;

} // namespace

management::management(const dcerpc::endpoint_directory& directory, std::string principal)
    : directory_(directory), principal_(std::move(principal)) {
    using dcerpc::immediate_method;
    using self = management;
    static const std::array<dcerpc::method, 5> table{{
        {mgmt::rpc__mgmt_inq_if_ids::name,
         immediate_method{serve<mgmt::rpc__mgmt_inq_if_ids, self, &self::inq_if_ids>}},
        {mgmt::rpc__mgmt_inq_stats::name,
         immediate_method{serve<mgmt::rpc__mgmt_inq_stats, self, &self::inq_stats>}},
        {mgmt::rpc__mgmt_is_server_listening::name,
         immediate_method{serve<mgmt::rpc__mgmt_is_server_listening, self, &self::is_listening>}},
        {mgmt::rpc__mgmt_stop_server_listening::name,
         immediate_method{
             serve<mgmt::rpc__mgmt_stop_server_listening, self, &self::stop_listening>}},
        {mgmt::rpc__mgmt_inq_princ_name::name,
         immediate_method{serve<mgmt::rpc__mgmt_inq_princ_name, self, &self::inq_princ_name>}},
    }};
    interface_ = {
        {mgmt::interface_uuid, mgmt::interface_major_version, mgmt::interface_minor_version},
        "mgmt",
        "Remote Management",
        auth::protection_level::none,
        table,
        this};
}

/// The interfaces of the port that the client is connected to, this one left out as it is
/// everywhere.
void management::inq_if_ids(const dcerpc::call& c, const mgmt::rpc__mgmt_inq_if_ids_in&,
                            mgmt::rpc__mgmt_inq_if_ids_out& out) {
    std::vector<const dcerpc::interface*> here;
    for (const auto& e : directory_.endpoints()) {
        if (e.port == c.local_port && e.target != &interface_ &&
            std::find(here.begin(), here.end(), e.target) == here.end()) {
            here.push_back(e.target);
        }
    }
    out.if_id_vector = std::make_shared<mgmt::rpc_if_id_vector_t>();
    for (const auto* target : here) {
        auto id = std::make_shared<mgmt::RPC_IF_ID>();
        id->Uuid = target->id.uuid;
        id->VersMajor = target->id.major_version;
        id->VersMinor = target->id.minor_version;
        out.if_id_vector->if_id.push_back(std::move(id));
    }
    out.if_id_vector->count = static_cast<std::uint32_t>(here.size());
    out.status = ok;
}

void management::inq_stats(const dcerpc::call&, const mgmt::rpc__mgmt_inq_stats_in& in,
                           mgmt::rpc__mgmt_inq_stats_out& out) {
    const auto counted = directory_.statistics();
    const std::array<std::uint64_t, 4> values{counted.calls_received, counted.calls_sent,
                                              counted.packets_received, counted.packets_sent};
    out.count = std::min(in.count, static_cast<std::uint32_t>(values.size()));
    for (std::size_t i = 0; i < out.count; ++i) {
        out.statistics.push_back(static_cast<std::uint32_t>(values[i])); // wraps, as the type does
    }
    out.status = ok;
}

void management::is_listening(const dcerpc::call&, const mgmt::rpc__mgmt_is_server_listening_in&,
                              mgmt::rpc__mgmt_is_server_listening_out& out) {
    out.status = ok;
    out.result = 1;
}

void management::stop_listening(const dcerpc::call&,
                                const mgmt::rpc__mgmt_stop_server_listening_in&,
                                mgmt::rpc__mgmt_stop_server_listening_out& out) {
    out.status = access_denied;
}

void management::inq_princ_name(const dcerpc::call&, const mgmt::rpc__mgmt_inq_princ_name_in& in,
                                mgmt::rpc__mgmt_inq_princ_name_out& out) {
    if (principal_.empty() || (in.authn_proto != kerberos && in.authn_proto != negotiate)) {
        out.status = unknown_authentication_service;
    } else if (principal_.size() >= in.princ_name_size) {
        out.status = string_too_long;
    } else {
        out.princ_name = principal_;
        out.status = ok;
    }
}

} // namespace bridge::epm
