// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/registry_access.hpp"

#include <algorithm>

/// Security descriptors of keys, in the way of MS-RRP's BaseRegGetKeySecurity and
/// BaseRegSetKeySecurity.
namespace bridge::clusapi {

namespace {

namespace rights = win32::rights;
namespace si = security_information;

constexpr std::uint32_t parts = si::owner | si::group | si::dacl | si::sacl;
constexpr std::uint16_t dacl_bits =
    win32::sd_control::dacl_present | win32::sd_control::dacl_defaulted |
    win32::sd_control::dacl_auto_inherited | win32::sd_control::dacl_protected;
constexpr std::uint16_t sacl_bits =
    win32::sd_control::sacl_present | win32::sd_control::sacl_defaulted |
    win32::sd_control::sacl_auto_inherited | win32::sd_control::sacl_protected;

void take_bits(win32::security_descriptor& to, std::uint16_t from, std::uint16_t bits) {
    to.control = static_cast<std::uint16_t>((to.control & ~bits) | (from & bits));
}

/// The parts of a descriptor that SECURITY_INFORMATION names, self-relative.
win32::result<std::vector<std::byte>> encode_parts(win32::security_descriptor out,
                                                   std::uint32_t wanted) {
    if ((wanted & si::owner) == 0)
        out.owner.reset();
    if ((wanted & si::group) == 0)
        out.group.reset();
    if ((wanted & si::dacl) == 0) {
        out.dacl.reset();
        take_bits(out, 0, dacl_bits);
    }
    if ((wanted & si::sacl) == 0) {
        out.sacl.reset();
        take_bits(out, 0, sacl_bits);
    }
    return win32::encode_security_descriptor(out);
}

/// What the handle must have been granted to change these parts; MS-RRP leaves it to the registry,
/// which has it so in Windows.
win32::access_mask rights_to_set(std::uint32_t information) {
    win32::access_mask out = 0;
    if ((information & (si::owner | si::group)) != 0)
        out |= rights::write_owner;
    if ((information & si::dacl) != 0)
        out |= rights::write_dac;
    if ((information & si::sacl) != 0)
        out |= rights::access_system_security;
    return out;
}

/// `given` put over the parts that SECURITY_INFORMATION names.
win32::security_descriptor merged(win32::security_descriptor now,
                                  const win32::security_descriptor& given,
                                  std::uint32_t information) {
    if ((information & si::owner) != 0 && given.owner)
        now.owner = given.owner;
    if ((information & si::group) != 0)
        now.group = given.group;
    if ((information & si::dacl) != 0) {
        now.dacl = given.dacl;
        take_bits(now, given.control, dacl_bits);
        if ((information & si::protected_dacl) != 0)
            now.control |= win32::sd_control::dacl_protected;
        if ((information & si::unprotected_dacl) != 0)
            take_bits(now, 0, win32::sd_control::dacl_protected);
    }
    if ((information & si::sacl) != 0) {
        now.sacl = given.sacl;
        take_bits(now, given.control, sacl_bits);
    }
    return now;
}

/// The client's descriptor. ERROR_INVALID_PARAMETER for none (MS-CMRP 3.1.4.2.40).
win32::result<win32::security_descriptor>
given_descriptor(const wire::RPC_SECURITY_DESCRIPTOR& in) {
    if (!in.lpSecurityDescriptor)
        return win32_error::ERROR_INVALID_PARAMETER;
    auto value = win32::decode_security_descriptor(*in.lpSecurityDescriptor);
    if (!value)
        return win32_error::ERROR_INVALID_PARAMETER;
    return value;
}

/// The whole descriptor that the key gets, or why not.
win32::result<win32::security_descriptor> next_descriptor(const registry_view& view, const call& c,
                                                          const wire::ApiSetKeySecurity_in& in) {
    const auto given = given_descriptor(in.pRpcSecurityDescriptor);
    if (!given)
        return given.error();
    const std::uint32_t information = in.SecurityInformation;
    if ((information & parts) == 0)
        return win32_error::ERROR_INVALID_PARAMETER;
    if ((information & si::owner) != 0 && given->owner &&
        !may_make_owner(*c.rpc.caller, *given->owner))
        return win32_error::ERROR_INVALID_OWNER;
    return merged(*key_descriptor(view, c.server.security, c.key().id), *given, information);
}

win32::result<model::registry_batch> plan_security(const call& c,
                                                   const wire::ApiSetKeySecurity_in& in) {
    const registry_view view = view_of(c);
    const auto key = key_for(view, c, rights_to_set(in.SecurityInformation));
    if (!key)
        return key.error();
    const auto next = next_descriptor(view, c, in);
    if (!next)
        return next.error();
    auto bytes = win32::encode_security_descriptor(*next);
    if (!bytes)
        return bytes.error();
    auto batch = new_batch(c, *key);
    // Of an object's key the stored counterpart may have to be made; those above inherit.
    auto& command =
        batch.commands.emplace_back(key_command(model::registry_verb::create_key, c.key().id));
    command.replace_descriptor = true;
    command.descriptors = {nullptr,
                           std::make_shared<const std::vector<std::byte>>(std::move(*bytes))};
    return batch;
}

} // namespace

reply<wire::ApiGetKeySecurity_out> get_key_security(call& c, const wire::ApiGetKeySecurity_in& in) {
    const bool audit = (in.SecurityInformation & si::sacl) != 0;
    const registry_view view = view_of(c);
    const auto key =
        key_for(view, c, rights::read_control | (audit ? rights::access_system_security : 0));
    if (!key)
        return key.error();
    const auto bytes =
        encode_parts(*key_descriptor(view, c.server.security, c.key().id), in.SecurityInformation);
    if (!bytes)
        return bytes.error();
    // cbInSecurityDescriptor is the array's conformance: the client's size, or the size that it
    // needs, beside an array without elements.
    wire::ApiGetKeySecurity_out out;
    auto& answer = out.pRpcSecurityDescriptor;
    const auto size = static_cast<std::uint32_t>(bytes->size());
    answer.lpSecurityDescriptor.emplace();
    answer.cbInSecurityDescriptor =
        std::max(size, in.pRpcSecurityDescriptor.cbInSecurityDescriptor);
    if (size > in.pRpcSecurityDescriptor.cbInSecurityDescriptor)
        return {win32_error::ERROR_INSUFFICIENT_BUFFER, std::move(out)};
    answer.cbOutSecurityDescriptor = size;
    answer.lpSecurityDescriptor = *bytes;
    return out;
}

boost::asio::awaitable<reply<wire::ApiSetKeySecurity_out>>
set_key_security(call& c, const wire::ApiSetKeySecurity_in& in) {
    auto committing = commit(c, plan_security(c, in), registry_call::on_key);
    const win32_error code = co_await std::move(committing);
    co_return code;
}

} // namespace bridge::clusapi
