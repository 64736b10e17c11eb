// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/access_rights.hpp"
#include "bridge/win32/guid.hpp"
#include "bridge/win32/result.hpp"
#include "bridge/win32/sid.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace bridge::win32 {

/// AceType (MS-DTYP 2.4.4.1). Other values are legal: they are kept and never grant or deny.
enum class ace_type : std::uint8_t {
    access_allowed = 0x00,
    access_denied = 0x01,
    system_audit = 0x02,
    system_alarm = 0x03,
    access_allowed_object = 0x05,
    access_denied_object = 0x06,
    system_audit_object = 0x07,
    system_alarm_object = 0x08,
    access_allowed_callback = 0x09,
    access_denied_callback = 0x0A,
    access_allowed_callback_object = 0x0B,
    access_denied_callback_object = 0x0C,
    system_audit_callback = 0x0D,
    system_audit_callback_object = 0x0F,
    mandatory_label = 0x11,
    resource_attribute = 0x12,
    scoped_policy_id = 0x13,
};

/// AceFlags (MS-DTYP 2.4.4.1).
namespace ace_flag {
inline constexpr std::uint8_t object_inherit = 0x01;
inline constexpr std::uint8_t container_inherit = 0x02;
inline constexpr std::uint8_t no_propagate = 0x04;
inline constexpr std::uint8_t inherit_only = 0x08;
inline constexpr std::uint8_t inherited = 0x10;
inline constexpr std::uint8_t successful_access = 0x40;
inline constexpr std::uint8_t failed_access = 0x80;
} // namespace ace_flag

/// Control (MS-DTYP 2.4.6).
namespace sd_control {
inline constexpr std::uint16_t owner_defaulted = 0x0001;
inline constexpr std::uint16_t group_defaulted = 0x0002;
inline constexpr std::uint16_t dacl_present = 0x0004;
inline constexpr std::uint16_t dacl_defaulted = 0x0008;
inline constexpr std::uint16_t sacl_present = 0x0010;
inline constexpr std::uint16_t sacl_defaulted = 0x0020;
inline constexpr std::uint16_t dacl_auto_inherit_required = 0x0100;
inline constexpr std::uint16_t sacl_auto_inherit_required = 0x0200;
inline constexpr std::uint16_t dacl_auto_inherited = 0x0400;
inline constexpr std::uint16_t sacl_auto_inherited = 0x0800;
inline constexpr std::uint16_t dacl_protected = 0x1000;
inline constexpr std::uint16_t sacl_protected = 0x2000;
inline constexpr std::uint16_t resource_manager_valid = 0x4000;
inline constexpr std::uint16_t self_relative = 0x8000;
} // namespace sd_control

/// How the bytes after an ACE's header are laid out.
enum class ace_shape {
    plain,        ///< mask, SID
    object,       ///< mask, flags, GUIDs, SID
    unknown_body, ///< nothing but bytes
};
ace_shape shape_of(ace_type type);

/// True for the types whose bytes after the SID mean something (MS-DTYP 2.4.4.6 and following).
bool keeps_application_data(ace_type type);

/// One access control entry (MS-DTYP 2.4.4).
struct ace {
    ace_type type = ace_type::access_allowed;
    std::uint8_t flags = 0;
    access_mask mask = 0;
    std::optional<guid> object_type{};           ///< only in shape `object`
    std::optional<guid> inherited_object_type{}; ///< only in shape `object`
    sid trustee{};
    /// Application data of callback and resource-attribute entries, opaque here; the whole body of
    /// an entry of unknown shape; else empty.
    std::vector<std::byte> data{};

    bool operator==(const ace&) const = default;
};

/// An access control list (MS-DTYP 2.4.5); order counts.
struct acl {
    static constexpr std::uint8_t basic_revision = 2;
    static constexpr std::uint8_t object_revision = 4;

    std::uint8_t revision = basic_revision;
    std::vector<ace> entries;

    bool operator==(const acl&) const = default;
};

/// A security descriptor (MS-DTYP 2.4.6). No DACL, or a null one (`dacl_present` without a list),
/// leaves everything open to everybody; a list without entries closes it.
struct security_descriptor {
    std::uint8_t resource_manager = 0; ///< Sbz1
    std::uint16_t control = sd_control::self_relative;
    std::optional<sid> owner;
    std::optional<sid> group;
    std::optional<acl> sacl;
    std::optional<acl> dacl;

    bool operator==(const security_descriptor&) const = default;

    void set_dacl(acl list);
    void set_sacl(acl list);
};

/// Descriptors beyond this many bytes are refused in both directions.
inline constexpr std::size_t max_security_descriptor_size = 64 * 1024;

/// Reads the self-relative form; `bytes` may hold more than it needs and may come from anybody.
/// ERROR_INVALID_SECURITY_DESCR for anything that is not one.
result<security_descriptor> decode_security_descriptor(std::span<const std::byte> bytes);

/// Writes the self-relative form: header, owner, group, SACL, DACL, without gaps. ERROR_INVALID_ACL
/// if a list or the whole is too large for its length fields or the limit above.
result<std::vector<std::byte>> encode_security_descriptor(const security_descriptor& value);

} // namespace bridge::win32
