// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/registry_access.hpp"

#include "bridge/model/registry_names.hpp"
#include "bridge/win32/access_check.hpp"
#include "bridge/win32/upcase.hpp"

#include <algorithm>
#include <utility>

namespace bridge::clusapi {

namespace {

namespace rights = win32::rights;

/// WOW64 bits choose between two registries in Windows; there is one here.
win32::access_mask without_wow64(win32::access_mask desired) {
    return desired & ~(rights::key_wow64_32key | rights::key_wow64_64key);
}

} // namespace

registry_view view_of(const call& c) {
    return {c.properties(), c.server.store.tree()};
}

win32::result<merged_key> key_for(const registry_view& view, const call& c,
                                  win32::access_mask right) {
    if ((c.key().rights & right) != right)
        return win32_error::ERROR_ACCESS_DENIED;
    auto found = view.find(c.key().id);
    if (!found)
        return win32_error::ERROR_KEY_DELETED;
    const std::uint64_t opened_id = c.key().stored_id;
    if (!found->projected() && opened_id != 0 && found->stored()->id() != opened_id)
        return win32_error::ERROR_KEY_DELETED;
    return std::move(*found);
}

win32::result<std::string> subkey_path(const std::string& path, std::u16string_view subkey) {
    if (subkey.starts_with(u'\\'))
        return win32_error::ERROR_BAD_PATHNAME;
    if (subkey.ends_with(u'\\'))
        subkey.remove_suffix(1);
    const std::string below = narrow(subkey);
    return path.empty() || below.empty() ? path + below : path + "\\" + below;
}

win32::result<win32::access_mask> granted_rights(const registry_view& view, const call& c,
                                                 std::string_view path,
                                                 win32::access_mask desired) {
    const auto descriptor = key_descriptor(view, c.server.security, path);
    const win32::token token{c.rpc.caller->sids};
    return win32::check_access(*descriptor, token, without_wow64(desired),
                               win32::registry_key_mapping);
}

std::shared_ptr<handle> make_key_handle(const call& c, const merged_key& key, std::string path,
                                        win32::access_mask mask) {
    return std::make_shared<key_handle>(level_of(c.server.security, *c.rpc.caller), std::move(path),
                                        mask, key.stored() ? key.stored()->id() : 0);
}

model::registry_command key_command(model::registry_verb verb, std::string path) {
    model::registry_command out;
    out.verb = verb;
    out.path = std::move(path);
    return out;
}

model::registry_batch new_batch(const call& c, const merged_key& key) {
    model::registry_batch out;
    out.time = c.server.now();
    out.caller = auth::display_name(*c.rpc.caller);
    if (!key.projected())
        out.commands.push_back(key_command(model::registry_verb::require_key, c.key().id));
    return out;
}

void add_counterpart(model::registry_batch& batch, const merged_key& key, const std::string& path) {
    if (!key.projected())
        return;
    auto& made = batch.commands.emplace_back(key_command(model::registry_verb::create_key, path));
    made.descriptors = {nullptr};
}

bool accepted_type(std::uint32_t type) {
    return type != 0 && model::known_type(type);
}

boost::asio::awaitable<win32_error> commit(call& c, win32::result<model::registry_batch> batch,
                                           registry_call method) {
    if (!batch)
        co_return batch.error();
    auto committing = c.server.store.commit(std::move(*batch));
    const model::registry_outcome outcome = co_await std::move(committing);
    co_return to_win32(outcome.code, method);
}

win32_error may_create(const registry_view& view, const call& c, std::string_view path) {
    const auto way = view.way_to(path);
    const auto missing =
        std::find_if(way.begin(), way.end(), [](const auto& level) { return !level.exists(); });
    if (missing == way.begin())
        return win32_error::ERROR_SUCCESS;
    const std::string& above = std::prev(missing)->path;
    if (!win32::equal_names(above, c.key().id))
        return check_key(view, c.server.security, *c.rpc.caller, above, rights::key_create_sub_key);
    return (c.key().rights & rights::key_create_sub_key) != 0 ? win32_error::ERROR_SUCCESS
                                                              : win32_error::ERROR_ACCESS_DENIED;
}

} // namespace bridge::clusapi
