// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/security_descriptor.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace bridge::win32 {
namespace {

constexpr std::size_t header_size = 20;
constexpr std::size_t acl_header_size = 8;
constexpr std::size_t ace_header_size = 4;
constexpr std::uint32_t object_type_present = 1;
constexpr std::uint32_t inherited_object_type_present = 2;

/// Reads little-endian numbers; after the first one that does not fit everything is zero and `ok`
/// is false.
class reader {
public:
    explicit reader(std::span<const std::byte> bytes) : rest_(bytes) {}

    template <class Number>
    Number number() {
        Number value = 0;
        const auto bytes = take(sizeof(Number));
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            value =
                static_cast<Number>(value | Number{std::to_integer<Number>(bytes[i])} << (8 * i));
        }
        return value;
    }

    std::span<const std::byte> take(std::size_t count) {
        if (count > rest_.size()) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const auto taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }

    guid take_guid() {
        guid value;
        value.data1 = number<std::uint32_t>();
        value.data2 = number<std::uint16_t>();
        value.data3 = number<std::uint16_t>();
        for (auto& byte : value.data4) {
            byte = number<std::uint8_t>();
        }
        return value;
    }

    sid take_sid() {
        std::size_t used = 0;
        auto value = read_sid(rest_, used);
        ok_ = ok_ && value.has_value();
        take(used);
        return value.value_or(sid{});
    }

    std::vector<std::byte> remaining() { return {rest_.begin(), rest_.end()}; }
    [[nodiscard]] bool ok() const { return ok_; }

private:
    std::span<const std::byte> rest_;
    bool ok_ = true;
};

bool decode_body(std::span<const std::byte> body, ace& entry) {
    reader in(body);
    const auto shape = shape_of(entry.type);
    if (shape == ace_shape::unknown_body) {
        entry.data = in.remaining();
        return true;
    }
    entry.mask = in.number<std::uint32_t>();
    if (shape == ace_shape::object) {
        const auto present = in.number<std::uint32_t>();
        if ((present & object_type_present) != 0) {
            entry.object_type = in.take_guid();
        }
        if ((present & inherited_object_type_present) != 0) {
            entry.inherited_object_type = in.take_guid();
        }
    }
    entry.trustee = in.take_sid();
    if (keeps_application_data(entry.type)) {
        entry.data = in.remaining();
    }
    return in.ok();
}

std::optional<acl> decode_acl(std::span<const std::byte> bytes) {
    reader head(bytes);
    acl list;
    list.revision = head.number<std::uint8_t>();
    head.number<std::uint8_t>();
    const auto size = head.number<std::uint16_t>();
    const auto count = head.number<std::uint16_t>();
    head.number<std::uint16_t>();
    if (!head.ok() || size < acl_header_size || size > bytes.size() ||
        list.revision < acl::basic_revision || list.revision > acl::object_revision) {
        return std::nullopt;
    }
    auto rest = bytes.subspan(acl_header_size, size - acl_header_size);
    if (count > rest.size() / ace_header_size) {
        return std::nullopt;
    }
    list.entries.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        reader in(rest);
        ace entry;
        entry.type = static_cast<ace_type>(in.number<std::uint8_t>());
        entry.flags = in.number<std::uint8_t>();
        const auto length = in.number<std::uint16_t>();
        if (!in.ok() || length < ace_header_size || length % 4 != 0 || length > rest.size() ||
            !decode_body(rest.subspan(ace_header_size, length - ace_header_size), entry)) {
            return std::nullopt;
        }
        list.entries.push_back(std::move(entry));
        rest = rest.subspan(length);
    }
    return list;
}

class writer {
public:
    template <class Number>
    void number(Number value) {
        for (std::size_t i = 0; i < sizeof(Number); ++i) {
            bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
        }
    }
    template <class Number>
    void number_at(std::size_t at, Number value) {
        for (std::size_t i = 0; i < sizeof(Number); ++i) {
            bytes_[at + i] = static_cast<std::byte>(value >> (8 * i));
        }
    }
    void put(const guid& value) {
        number(value.data1);
        number(value.data2);
        number(value.data3);
        for (const auto byte : value.data4) {
            number(byte);
        }
    }
    void put(const sid& value) { append_bytes(value, bytes_); }
    void put(std::span<const std::byte> bytes) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    void pad_from(std::size_t start) {
        while ((bytes_.size() - start) % 4 != 0) {
            bytes_.push_back(std::byte{0});
        }
    }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    std::vector<std::byte> take() { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

/// Writes the length of what began at `start`; false if the field cannot hold it.
bool close_length(writer& out, std::size_t start, std::size_t field) {
    const auto size = out.size() - start;
    if (size > std::numeric_limits<std::uint16_t>::max()) {
        return false;
    }
    out.number_at(field, static_cast<std::uint16_t>(size));
    return true;
}

bool encode_ace(const ace& entry, writer& out) {
    const auto start = out.size();
    out.number(static_cast<std::uint8_t>(entry.type));
    out.number(entry.flags);
    out.number(std::uint16_t{0});
    const auto shape = shape_of(entry.type);
    if (shape != ace_shape::unknown_body) {
        out.number(entry.mask);
        if (shape == ace_shape::object) {
            out.number((entry.object_type ? object_type_present : 0) |
                       (entry.inherited_object_type ? inherited_object_type_present : 0));
            if (entry.object_type) {
                out.put(*entry.object_type);
            }
            if (entry.inherited_object_type) {
                out.put(*entry.inherited_object_type);
            }
        }
        out.put(entry.trustee);
    }
    if (shape == ace_shape::unknown_body || keeps_application_data(entry.type)) {
        out.put(entry.data);
    }
    out.pad_from(start);
    return close_length(out, start, start + 2);
}

bool encode_acl(const acl& list, writer& out) {
    if (list.entries.size() > std::numeric_limits<std::uint16_t>::max()) {
        return false;
    }
    const bool needs_objects =
        std::any_of(list.entries.begin(), list.entries.end(),
                    [](const ace& entry) { return shape_of(entry.type) == ace_shape::object; });
    const auto start = out.size();
    out.number(needs_objects ? acl::object_revision : list.revision);
    out.number(std::uint8_t{0});
    out.number(std::uint16_t{0});
    out.number(static_cast<std::uint16_t>(list.entries.size()));
    out.number(std::uint16_t{0});
    for (const auto& entry : list.entries) {
        if (!encode_ace(entry, out)) {
            return false;
        }
    }
    return close_length(out, start, start + 2);
}

/// The part that an offset field points at; nullopt for 0, `valid` false outside of the descriptor.
std::optional<std::span<const std::byte>> part_at(std::span<const std::byte> bytes,
                                                  std::uint32_t offset, bool& valid) {
    if (offset == 0) {
        return std::nullopt;
    }
    if (offset < header_size || offset >= bytes.size()) {
        valid = false;
        return std::nullopt;
    }
    return bytes.subspan(offset);
}

template <class Part, class Decode>
bool decode_part(std::span<const std::byte> bytes, std::uint32_t offset, std::optional<Part>& to,
                 Decode decode) {
    bool valid = true;
    const auto part = part_at(bytes, offset, valid);
    if (part) {
        to = decode(*part);
        valid = to.has_value();
    }
    return valid;
}

std::optional<sid> decode_sid(std::span<const std::byte> bytes) {
    std::size_t used = 0;
    return read_sid(bytes, used);
}

} // namespace

ace_shape shape_of(ace_type type) {
    switch (type) {
    case ace_type::access_allowed:
    case ace_type::access_denied:
    case ace_type::system_audit:
    case ace_type::system_alarm:
    case ace_type::access_allowed_callback:
    case ace_type::access_denied_callback:
    case ace_type::system_audit_callback:
    case ace_type::mandatory_label:
    case ace_type::resource_attribute:
    case ace_type::scoped_policy_id:
        return ace_shape::plain;
    case ace_type::access_allowed_object:
    case ace_type::access_denied_object:
    case ace_type::system_audit_object:
    case ace_type::system_alarm_object:
    case ace_type::access_allowed_callback_object:
    case ace_type::access_denied_callback_object:
    case ace_type::system_audit_callback_object:
        return ace_shape::object;
    }
    return ace_shape::unknown_body;
}

bool keeps_application_data(ace_type type) {
    switch (type) {
    case ace_type::access_allowed_callback:
    case ace_type::access_denied_callback:
    case ace_type::access_allowed_callback_object:
    case ace_type::access_denied_callback_object:
    case ace_type::system_audit_callback:
    case ace_type::system_audit_callback_object:
    case ace_type::resource_attribute:
        return true;
    default:
        return false;
    }
}

void security_descriptor::set_dacl(acl list) {
    dacl = std::move(list);
    control |= sd_control::dacl_present;
}

void security_descriptor::set_sacl(acl list) {
    sacl = std::move(list);
    control |= sd_control::sacl_present;
}

result<security_descriptor> decode_security_descriptor(std::span<const std::byte> bytes) {
    constexpr auto refused = win32_error::ERROR_INVALID_SECURITY_DESCR;
    if (bytes.size() < header_size || bytes.size() > max_security_descriptor_size) {
        return refused;
    }
    reader in(bytes);
    security_descriptor value;
    const auto revision = in.number<std::uint8_t>();
    value.resource_manager = in.number<std::uint8_t>();
    value.control = in.number<std::uint16_t>();
    const auto owner = in.number<std::uint32_t>();
    const auto group = in.number<std::uint32_t>();
    const auto sacl = in.number<std::uint32_t>();
    const auto dacl = in.number<std::uint32_t>();
    if (revision != 1 || (value.control & sd_control::self_relative) == 0) {
        return refused;
    }
    const bool has_sacl = (value.control & sd_control::sacl_present) != 0;
    const bool has_dacl = (value.control & sd_control::dacl_present) != 0;
    // The offset of a list that is not present means nothing.
    if (!decode_part(bytes, owner, value.owner, decode_sid) ||
        !decode_part(bytes, group, value.group, decode_sid) ||
        !decode_part(bytes, has_sacl ? sacl : 0, value.sacl, decode_acl) ||
        !decode_part(bytes, has_dacl ? dacl : 0, value.dacl, decode_acl)) {
        return refused;
    }
    return value;
}

result<std::vector<std::byte>> encode_security_descriptor(const security_descriptor& value) {
    writer out;
    auto control = static_cast<std::uint16_t>(value.control | sd_control::self_relative);
    control |= value.dacl ? sd_control::dacl_present : 0;
    control |= value.sacl ? sd_control::sacl_present : 0;
    out.number(std::uint8_t{1});
    out.number(value.resource_manager);
    out.number(control);
    for (int i = 0; i < 4; ++i) {
        out.number(std::uint32_t{0});
    }
    const auto here = [&out] { return static_cast<std::uint32_t>(out.size()); };
    if (value.owner) {
        out.number_at(4, here());
        out.put(*value.owner);
    }
    if (value.group) {
        out.number_at(8, here());
        out.put(*value.group);
    }
    if (value.sacl) {
        out.number_at(12, here());
        if (!encode_acl(*value.sacl, out)) {
            return win32_error::ERROR_INVALID_ACL;
        }
    }
    if (value.dacl) {
        out.number_at(16, here());
        if (!encode_acl(*value.dacl, out)) {
            return win32_error::ERROR_INVALID_ACL;
        }
    }
    if (out.size() > max_security_descriptor_size) {
        return win32_error::ERROR_INVALID_ACL;
    }
    return out.take();
}

} // namespace bridge::win32
