// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/registry_access.hpp"
#include "bridge/model/registry_names.hpp"

#include <utility>

/// Writes to the registry. What a handler decides on is the state after the wait for a fresh
/// registry; what may have changed until the batch is applied is guarded in the batch.
namespace bridge::clusapi {

namespace {

using model::registry_verb;
namespace rights = win32::rights;

constexpr std::uint32_t created_new_key = 1;
constexpr std::uint32_t opened_existing_key = 2;

/// The descriptor that came with a request to create a key; nullopt: none did.
win32::result<std::optional<win32::security_descriptor>>
given_descriptor(const std::optional<wire::RPC_SECURITY_ATTRIBUTES>& in) {
    if (!in)
        return std::optional<win32::security_descriptor>();
    if (in->bInheritHandle != 0)
        return win32_error::ERROR_INVALID_PARAMETER;
    const auto& bytes = in->RpcSecurityDescriptor.lpSecurityDescriptor;
    if (!bytes || bytes->empty())
        return std::optional<win32::security_descriptor>();
    auto value = win32::decode_security_descriptor(*bytes);
    if (!value)
        return win32_error::ERROR_INVALID_SECURITY_DESCR;
    return std::optional(std::move(*value));
}

/// What is to be done for a request to create a key.
struct creation {
    std::string path;
    bool existed = false;
    win32::access_mask mask = 0;                ///< of the handle, for a key that is made
    std::optional<model::registry_batch> batch; ///< nullopt: nothing
};

/// Whoever makes a key gets the rights that it asks for.
win32::result<win32::access_mask> creator_rights(win32::access_mask desired) {
    if ((desired & rights::access_system_security) != 0)
        return win32_error::ERROR_PRIVILEGE_NOT_HELD;
    if ((desired & rights::maximum_allowed) != 0)
        return rights::key_all_access;
    return win32::map_generic(desired, win32::registry_key_mapping) & rights::key_all_access;
}

win32_error plan_existing(const registry_view& view, const call& c, const merged_key& key,
                          const win32::security_descriptor* given, creation& plan) {
    plan.existed = true;
    if (!given)
        return win32_error::ERROR_SUCCESS;
    if (const auto code = check_key(view, c.server.security, *c.rpc.caller, plan.path,
                                    rights::write_dac | rights::write_owner);
        code != win32_error::ERROR_SUCCESS)
        return code;
    const auto way = view.way_to(plan.path);
    const std::string& above = way.size() > 1 ? way[way.size() - 2].path : plan.path;
    const auto next =
        new_key_descriptor(*c.rpc.caller, *key_descriptor(view, c.server.security, above), given);
    auto bytes = next ? win32::encode_security_descriptor(*next)
                      : win32::result<std::vector<std::byte>>(next.error());
    if (!bytes)
        return bytes.error();
    plan.batch = new_batch(c, key);
    auto& command =
        plan.batch->commands.emplace_back(key_command(registry_verb::create_key, plan.path));
    command.replace_descriptor = true;
    command.descriptors = {nullptr,
                           std::make_shared<const std::vector<std::byte>>(std::move(*bytes))};
    return win32_error::ERROR_SUCCESS;
}

win32_error plan_new(const registry_view& view, const call& c, const merged_key& key,
                     const win32::security_descriptor* given, win32::access_mask desired,
                     creation& plan) {
    if (const auto code = may_create(view, c, plan.path); code != win32_error::ERROR_SUCCESS)
        return code;
    const auto mask = creator_rights(desired);
    if (!mask)
        return mask.error();
    plan.mask = *mask;
    auto descriptors = descriptors_for(view, c.server.security, *c.rpc.caller, plan.path, given);
    if (!descriptors)
        return descriptors.error();
    plan.batch = new_batch(c, key);
    plan.batch->commands.emplace_back(key_command(registry_verb::create_key, plan.path))
        .descriptors = std::move(*descriptors);
    return win32_error::ERROR_SUCCESS;
}

/// dwOptions is ignored (MS-CMRP 3.1.4.2.30): no key is volatile.
win32::result<creation> plan_creation(const call& c, const wire::ApiCreateKey_in& in) {
    const auto given = given_descriptor(in.lpSecurityAttributes);
    if (!given)
        return given.error();
    auto path = subkey_path(c.key().id, in.lpSubKey);
    if (!path)
        return path.error();
    const registry_view view = view_of(c);
    const auto key = key_for(view, c, 0);
    if (!key)
        return key.error();
    if (const auto code = model::check_path(*path); code != model::registry_errc::none)
        return to_win32(code, registry_call::on_subkey);
    creation out;
    out.path = std::move(*path);
    const auto* descriptor = *given ? &**given : nullptr;
    const auto code = view.find(out.path) ? plan_existing(view, c, *key, descriptor, out)
                                          : plan_new(view, c, *key, descriptor, in.samDesired, out);
    if (code != win32_error::ERROR_SUCCESS)
        return code;
    return out;
}

/// The handle of a key that is there now. `made`: by this call.
reply<wire::ApiCreateKey_out> open_created(call& c, creation plan, win32::access_mask desired,
                                           bool made) {
    const registry_view view = view_of(c);
    const auto key = view.find(plan.path);
    if (!key)
        return win32_error::ERROR_KEY_DELETED; // by somebody else, in no time
    const auto mask = made ? win32::result<win32::access_mask>(plan.mask)
                           : granted_rights(view, c, plan.path, desired);
    if (!mask)
        return mask.error();
    wire::ApiCreateKey_out out;
    out.lpdwDisposition = made ? created_new_key : opened_existing_key;
    return opened(c, make_key_handle(c, *key, std::move(plan.path), *mask), std::move(out));
}

/// A write to a value that an object has: the setter's, as long as there is one.
boost::asio::awaitable<win32_error> set_projected(call& c, model::registry_command command) {
    auto object = object_at(*c.cluster, command.path);
    object_setter* setter = c.server.setter;
    if (!setter || !object)
        co_return win32_error::ERROR_CALL_NOT_IMPLEMENTED;
    if (command.verb == registry_verb::delete_value) {
        auto removing = setter->remove(std::move(*object), std::move(command.name));
        co_return co_await std::move(removing);
    }
    model::registry_value value;
    value.name = std::move(command.name);
    value.type = command.type;
    value.data = std::move(command.data);
    auto setting = setter->set(std::move(*object), std::move(value));
    co_return co_await std::move(setting);
}

win32::result<model::registry_batch> plan_deletion(const call& c, const wire::ApiDeleteKey_in& in) {
    const auto path = subkey_path(c.key().id, in.lpSubKey);
    if (!path)
        return path.error();
    const registry_view view = view_of(c);
    const auto key = key_for(view, c, 0);
    if (!key)
        return key.error();
    if (path->size() == c.key().id.size())
        return win32_error::ERROR_INVALID_PARAMETER; // MS-CMRP 3.1.4.2.36: a child
    const auto child = view.find(*path);
    if (!child)
        return win32_error::ERROR_FILE_NOT_FOUND;
    if (child->projected() || child->subkey_count() != 0)
        return win32_error::ERROR_ACCESS_DENIED;
    if (const auto code =
            check_key(view, c.server.security, *c.rpc.caller, *path, rights::delete_object);
        code != win32_error::ERROR_SUCCESS)
        return code;
    auto batch = new_batch(c, *key);
    batch.commands.emplace_back(key_command(registry_verb::delete_key, *path)).must_exist = true;
    return batch;
}

/// A write to one value: to the store, or to the object that has it.
struct value_write {
    model::registry_command command;
    model::registry_batch batch; ///< for the store
    bool projected = false;
};

/// `command` says verb, name, type and data.
win32::result<value_write> plan_value(const call& c, model::registry_command command) {
    const registry_view view = view_of(c);
    const auto key = key_for(view, c, rights::key_set_value);
    if (!key)
        return key.error();
    value_write out;
    out.projected = view.is_projected(c.key().id, command.name);
    if (out.projected) {
        out.command = std::move(command);
        return out;
    }
    const bool sets = command.verb == registry_verb::set_value;
    if (!sets && !key->stored())
        return win32_error::ERROR_FILE_NOT_FOUND;
    out.batch = new_batch(c, *key);
    if (sets)
        add_counterpart(out.batch, *key, c.key().id);
    out.batch.commands.push_back(std::move(command));
    return out;
}

boost::asio::awaitable<win32_error> write_value(call& c, model::registry_command command) {
    auto plan = plan_value(c, std::move(command));
    if (!plan)
        co_return plan.error();
    auto writing = plan->projected ? set_projected(c, std::move(plan->command))
                                   : commit(c, std::move(plan->batch), registry_call::on_key);
    const win32_error code = co_await std::move(writing);
    co_return code;
}

} // namespace

boost::asio::awaitable<reply<wire::ApiCreateKey_out>> create_key(call& c,
                                                                 const wire::ApiCreateKey_in& in) {
    auto plan = plan_creation(c, in);
    if (!plan)
        co_return plan.error();
    if (plan->existed) {
        // Before anything is changed: what is desired must be granted.
        if (const auto mask = granted_rights(view_of(c), c, plan->path, in.samDesired); !mask)
            co_return mask.error();
    }
    bool made = false;
    if (plan->batch) {
        auto committing = c.server.store.commit(std::move(*plan->batch));
        const model::registry_outcome outcome = co_await std::move(committing);
        if (outcome.code != model::registry_errc::none)
            co_return to_win32(outcome.code, registry_call::on_subkey);
        made = !plan->existed && outcome.created.back();
    }
    co_return open_created(c, std::move(*plan), in.samDesired, made);
}

boost::asio::awaitable<reply<wire::ApiDeleteKey_out>> delete_key(call& c,
                                                                 const wire::ApiDeleteKey_in& in) {
    auto committing = commit(c, plan_deletion(c, in), registry_call::on_subkey);
    const win32_error code = co_await std::move(committing);
    co_return code;
}

boost::asio::awaitable<reply<wire::ApiSetValue_out>> set_value(call& c,
                                                               const wire::ApiSetValue_in& in) {
    if (!accepted_type(in.dwType))
        co_return win32_error::ERROR_INVALID_PARAMETER;
    model::registry_command command = key_command(registry_verb::set_value, c.key().id);
    command.name = narrow(in.lpValueName);
    command.type = static_cast<model::registry_type>(in.dwType);
    command.data = in.lpData;
    auto writing = write_value(c, std::move(command));
    const win32_error code = co_await std::move(writing);
    co_return code;
}

boost::asio::awaitable<reply<wire::ApiDeleteValue_out>>
delete_value(call& c, const wire::ApiDeleteValue_in& in) {
    model::registry_command command = key_command(registry_verb::delete_value, c.key().id);
    command.name = narrow(in.lpValueName);
    command.must_exist = true;
    auto writing = write_value(c, std::move(command));
    const win32_error code = co_await std::move(writing);
    co_return code;
}

} // namespace bridge::clusapi
