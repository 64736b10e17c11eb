// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/control.hpp"
#include "bridge/clusapi/dependency.hpp"
#include "bridge/win32/upcase.hpp"

#include <array>

/// Resources and resource types: what they are, and what their class supports.
namespace bridge::clusapi {

namespace {

using model::object_kind;
using model::resource_class;

constexpr std::uint32_t is_csv_file =
    0x01000229; // a type's code with a resource's number, see the table
constexpr std::uint32_t maintenance_signature = 0xABBAF00F;
constexpr std::uint32_t maintenance_ex_size = 16;
constexpr std::uint32_t characteristic_quorum = 1;

/// Who supports a code; everybody else answers ERROR_INVALID_FUNCTION.
enum class supporter : std::uint8_t { everyone, storage, ip_address, network_name, storage_pool };

supporter supporter_of(std::uint32_t code) {
    switch (code) {
    case 0x01000191: // STORAGE_GET_DISK_INFO
    case 0x01000199: // STORAGE_IS_PATH_VALID
    case 0x010001E1: // QUERY_MAINTENANCE_MODE
    case 0x010001F1: // STORAGE_GET_DISK_INFO_EX
    case 0x01000211: // STORAGE_GET_MOUNTPOINTS
    case 0x01000219: // STORAGE_GET_DIRTY
    case 0x014001E6: // SET_MAINTENANCE_MODE
    case 0x014001EA: // STORAGE_SET_DRIVELETTER
    case 0x02000195: // STORAGE_GET_AVAILABLE_DISKS
    case 0x020001ED: // STORAGE_GET_DRIVELETTERS
    case 0x020001F5: // STORAGE_GET_AVAILABLE_DISKS_EX
    case 0x02000201: // STORAGE_REMAP_DRIVELETTER
    case 0x02000205: // STORAGE_GET_DISKID
    case 0x02000209: // STORAGE_IS_CLUSTERABLE
    case 0x0240020E: // STORAGE_RELEASE_OWNERSHIP
        return supporter::storage;
    case 0x014001BE: // IPADDRESS_RENEW_LEASE
    case 0x014001C2: // IPADDRESS_RELEASE_LEASE
        return supporter::ip_address;
    case 0x01000169: // GET_NETWORK_NAME
    case 0x01000172: // NETNAME_REGISTER_DNS_RECORDS
    case 0x01000175: // GET_DNS_NAME
    case 0x0100017A: // NETNAME_SET_PWD_INFO
    case 0x0100017E: // NETNAME_DELETE_CO
    case 0x01000181: // NETNAME_VALIDATE_VCO
    case 0x01000185: // NETNAME_RESET_VCO
    case 0x01C0018A: // NETNAME_CREDS_UPDATED
    case 0x02000235: // NETNAME_VALIDATE_NETNAME
        return supporter::network_name;
    case 0x010002B5: // POOL_GET_DRIVE_INFO
        return supporter::storage_pool;
    default:
        return supporter::everyone;
    }
}

bool supports(supporter who, resource_class class_, std::string_view type_name) {
    switch (who) {
    case supporter::everyone:
        return true;
    case supporter::storage:
        return class_ == resource_class::storage;
    case supporter::ip_address:
        return class_ == resource_class::network;
    case supporter::network_name:
        return win32::equal_names(type_name, "Network Name") ||
               win32::equal_names(type_name, "Distributed Network Name");
    case supporter::storage_pool:
        return win32::equal_names(type_name, "Storage Pool");
    }
    return false;
}

bool is_to_come(std::uint32_t code) {
    for (const control_row& row : control_codes())
        if (row.code == code)
            return row.status == control_status::to_come;
    return false;
}

/// What only the code behind a type can do or answer. Everything else about a type is the
/// catalogue's and the configuration's, and is answered wherever.
bool needs_agent(const control_request& request) {
    constexpr std::uint32_t validate_path = 0x02000231;
    constexpr std::uint32_t validate_directory = 0x02000239;
    return request.what() == operation::unknown || request.code == validate_path ||
           request.code == validate_directory || supporter_of(request.code) != supporter::everyone;
}

std::optional<control_result> preliminary(const control_request& request, object_kind kind,
                                          resource_class class_, std::string_view type_name,
                                          bool agent_is_missing = false) {
    if (request.code >> 24 != static_cast<std::uint32_t>(kind) ||
        !supports(supporter_of(request.code), class_, type_name))
        return control_result(win32_error::ERROR_INVALID_FUNCTION);
    if (agent_is_missing && needs_agent(request))
        return control_result(win32_error::ERROR_CLUSTER_RESTYPE_NOT_SUPPORTED);
    if (is_to_come(request.code))
        return control_result(answer_to_come(request.code));
    return std::nullopt;
}

/// What resources and types tell alike; a resource needs what its type needs.
template <class T>
std::optional<control_result> class_facts(const control_request& request, const T& target,
                                          std::span<const model::required_dependency> required) {
    switch (request.what()) {
    case operation::get_characteristics:
        return control_result(encode_u32(target.characteristics));
    case operation::get_flags:
        return control_result(encode_u32(target.flags));
    case operation::get_class_info: {
        const std::array info{static_cast<std::uint32_t>(target.class_), target.subclass};
        return control_result(encode_u32s(info));
    }
    case operation::get_required_dependencies:
        return control_result(encode_required_dependencies(required));
    default:
        return std::nullopt;
    }
}

/// The value of a private text property; empty when there is none.
std::string text_property(const model::snapshot& cluster, const model::resource& resource,
                          std::string_view name) {
    for (const auto& p : model::private_properties(cluster, resource))
        if (const auto* text = std::get_if<std::string>(&p.value);
            text && win32::equal_names(p.name, name))
            return *text;
    return {};
}

control_result dns_name(const call& c, const model::resource& target) {
    const std::string own = text_property(*c.cluster, target, "DnsName");
    const std::string host = own.empty() ? network_name_of(*c.cluster, target) : own;
    const std::string& domain = c.cluster->info->domain;
    const bool qualified = host.find('.') != std::string::npos;
    return encode_text(domain.empty() || qualified ? host : host + "." + domain);
}

/// CLUS_MAINTENANCE_MODE_INFO, or the extended form where it fits (MS-CMRP 3.1.4.3.1.42).
control_result maintenance(const control_request& request, const model::resource& target) {
    constexpr std::uint32_t disables_health_check = 1;
    const std::uint32_t in_maintenance = target.maintenance ? 1 : 0;
    if (request.output_limit < maintenance_ex_size)
        return encode_u32(in_maintenance);
    const std::array info{in_maintenance, target.maintenance ? disables_health_check : 0U,
                          static_cast<std::uint32_t>(target.state), maintenance_signature};
    return encode_u32s(info);
}

/// Codes that ask what a resource is.
std::optional<control_result> resource_facts(const call& c, const control_request& request,
                                             const model::resource& target) {
    switch (request.what()) {
    case operation::get_name:
        return control_result(encode_text(target.name));
    case operation::get_resource_type:
        return control_result(encode_text(target.type));
    case operation::get_id:
        return control_result(encode_text(target.id));
    case operation::get_registry_checkpoints:
    case operation::get_crypto_checkpoints:
        return control_result(encode_multi_sz({}));
    case operation::get_network_name:
        return control_result(encode_text(network_name_of(*c.cluster, target)));
    case operation::get_dns_name:
        return dns_name(c, target);
    case operation::query_maintenance_mode:
        return maintenance(request, target);
    case operation::get_related_resource_names:
        if (target.state != model::resource_state::online)
            return control_result(win32_error::ERROR_RESOURCE_NOT_ONLINE);
        return control_result(encode_multi_sz({}));
    default:
        return std::nullopt;
    }
}

/// Codes that ask what a type is.
std::optional<control_result> type_facts(const control_request& request,
                                         const model::resource_type& target) {
    switch (request.what()) {
    case operation::get_arbitration_timeout:
        if ((target.characteristics & characteristic_quorum) == 0)
            return control_result(win32_error::ERROR_INVALID_FUNCTION);
        return control_result(encode_u32(target.arbitration_timeout_s));
    case operation::get_common_resource_formats:
        return control_result(
            encode_format_list(model::common_schema(object_kind::resource), formats_of::writable));
    case operation::get_private_resource_formats:
        return control_result(encode_format_list(target.resource_private_schema, formats_of::all));
    default:
        return std::nullopt;
    }
}

} // namespace

control_result control(const call& c, const control_request& request,
                       const model::resource& target) {
    static const model::resource_type no_type; // of a resource whose type nobody knows
    if (request.code == is_csv_file)
        return win32_error::ERROR_INVALID_FUNCTION;
    if (auto early = preliminary(request, object_kind::resource, target.class_, target.type))
        return std::move(*early);
    const auto found = c.cluster->types.find(target.type);
    const model::resource_type& type = found ? *found : no_type;
    if (auto answer = class_facts(request, target, type.required_dependencies))
        return std::move(*answer);
    if (auto answer = resource_facts(c, request, target))
        return std::move(*answer);
    if (auto answer = storage_control(c, request, target))
        return std::move(*answer);
    const property_facts facts{object_kind::resource,
                               model::common_properties(c.properties(), target),
                               with_stored(c, object_kind::resource, target.id,
                                           model::private_properties(*c.cluster, target)),
                               type.resource_private_schema};
    if (auto answer = property_control(request, facts))
        return std::move(*answer);
    return win32_error::ERROR_INVALID_FUNCTION;
}

control_result control(const call& c, const control_request& request,
                       const model::resource_type& target) {
    if (request.code == is_csv_file)
        return win32_error::ERROR_CLUSTER_NOT_SHARED_VOLUME;
    if (auto early = preliminary(request, object_kind::resource_type, target.class_, target.name,
                                 target.agents.empty()))
        return std::move(*early);
    if (auto answer = class_facts(request, target, target.required_dependencies))
        return std::move(*answer);
    if (auto answer = type_facts(request, target))
        return std::move(*answer);
    if (auto answer = storage_control(c, request, target))
        return std::move(*answer);
    const property_facts facts{object_kind::resource_type,
                               model::common_properties(c.properties(), target),
                               with_stored(c, object_kind::resource_type, target.name,
                                           model::private_properties(target.private_properties)),
                               {}};
    if (auto answer = property_control(request, facts))
        return std::move(*answer);
    return win32_error::ERROR_INVALID_FUNCTION;
}

} // namespace bridge::clusapi
