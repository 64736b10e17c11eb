// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/call.hpp"
#include "bridge/clusapi/property_list.hpp"
#include "bridge/model/schema.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// Control codes (MS-CMRP 3.1.4.3): what Api*Control and Api*Node*Control have in common.
namespace bridge::clusapi {

/// Bytes 0 to 2 of a code: the operation. The object kind is in byte 3.
enum class operation : std::uint32_t {
    unknown = 0x00,
    get_characteristics = 0x05,
    get_flags = 0x09,
    get_class_info = 0x0D,
    get_required_dependencies = 0x11,
    get_arbitration_timeout = 0x15,
    get_name = 0x29,
    get_resource_type = 0x2D,
    get_node = 0x31,
    get_network = 0x35,
    get_id = 0x39,
    get_fqdn = 0x3D,
    get_service_account = 0x41,
    check_voter_evict = 0x45,
    check_voter_down = 0x49,
    enum_common = 0x51,
    get_read_only_common = 0x55,
    get_common = 0x59,
    validate_common = 0x61,
    get_common_formats = 0x65,
    get_common_resource_formats = 0x69,
    enum_private = 0x79,
    get_read_only_private = 0x7D,
    get_private = 0x81,
    validate_private = 0x89,
    get_private_formats = 0x8D,
    get_private_resource_formats = 0x91,
    get_registry_checkpoints = 0xA9,
    get_crypto_checkpoints = 0xB5,
    get_network_name = 0x169,
    get_dns_name = 0x175,
    get_disk_info = 0x191,
    get_available_disks = 0x195,
    is_path_valid = 0x199,
    query_maintenance_mode = 0x1E1,
    get_drive_letters = 0x1ED,
    get_disk_info_ex = 0x1F1,
    get_available_disks_ex = 0x1F5,
    get_disk_id = 0x205,
    is_clusterable = 0x209,
    get_mount_points = 0x211,
    get_dirty = 0x219,
    get_related_resource_names = 0x1FAD,
};

/// Which part of MS-CMRP's list a code belongs to here.
enum class control_status : std::uint8_t {
    served,  ///< answered, also where the answer is that the object does not support it
    to_come, ///< ERROR_CALL_NOT_IMPLEMENTED for now
    refused, ///< ERROR_INVALID_FUNCTION, as the personality has it
};

/// One code of MS-CMRP 3.1.4.3.
struct control_row {
    std::uint32_t code;
    std::string_view name;
    control_status status;
};

/// All of them, ascending.
std::span<const control_row> control_codes();

/// Whether a code changes something: its bit says so (MS-CMRP 3.1.4.2.74), or it is one of those
/// that need All although the bit is clear.
bool changes_cluster(std::uint32_t code);

/// Whether the answer depends on what is stored in the registry: private properties.
bool reads_registry(std::uint32_t code);

/// What a code that is to come answers: ERROR_CALL_NOT_IMPLEMENTED when it changes something, else
/// ERROR_NOT_SUPPORTED, which readers of disk information are known to take for "nothing to tell".
win32_error answer_to_come(std::uint32_t code);

/// A request, without handles.
struct control_request {
    std::uint32_t code = 0;
    std::span<const std::byte> input;
    std::uint32_t output_limit = 0; ///< nOutBufferSize
    /// ClusAPI id of the node that the call names; empty: the one that the specification means,
    /// which is the owner for resources and groups, else the one that was called.
    std::string_view node = {};

    [[nodiscard]] operation what() const { return static_cast<operation>(code & 0x00FFFFFF); }
};

/// The whole output, however large the client's buffer is; the size is dealt with in one place.
struct control_result {
    control_result(win32_error code_) : code(code_) {} // NOLINT(google-explicit-constructor)
    control_result(buffer output_)
        : output(std::move(output_)) {} // NOLINT(google-explicit-constructor)

    win32_error code = win32_error::ERROR_SUCCESS;
    buffer output;
};

/// The common part of all kinds: properties of both scopes, formats, names. nullopt: not one of
/// those.
struct property_facts {
    model::object_kind kind;
    model::listed_properties common;
    model::listed_properties private_; ///< schema's first, then unknown ones
    std::span<const model::property_schema> private_schema;
};
/// The private properties that an object has, and after them the unknown ones: what is stored in
/// the registry beside them. Names point into the registry: valid until the call waits.
model::listed_properties with_stored(const call& c, model::object_kind kind, std::string_view id,
                                     model::listed_properties known);

std::optional<control_result> property_control(const control_request& request,
                                               const property_facts& facts);

control_result control(const call& c, const control_request& request, const model::cluster& target);
control_result control(const call& c, const control_request& request, const model::node& target);
control_result control(const call& c, const control_request& request, const model::group& target);
control_result control(const call& c, const control_request& request,
                       const model::resource& target);
control_result control(const call& c, const control_request& request,
                       const model::resource_type& target);
control_result control(const call& c, const control_request& request, const model::network& target);
control_result control(const call& c, const control_request& request,
                       const model::net_interface& target);

/// Codes that ask what disks are (control_storage.cpp); nullopt: not one of those. The object is of
/// the storage class.
std::optional<control_result> storage_control(const call& c, const control_request& request,
                                              const model::resource& target);
std::optional<control_result> storage_control(const call& c, const control_request& request,
                                              const model::resource_type& target);

/// Checks a client's property list against what the object has. `private_scope`: unknown names are
/// welcome, names of common properties are not.
win32_error validate_properties(std::span<const std::byte> input,
                                std::span<const model::property_schema> schema, bool private_scope,
                                model::object_kind kind);

} // namespace bridge::clusapi
