// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/stored_descriptor.hpp"

#include "bridge/win32/filetime.hpp"

#include <chrono>
#include <string_view>
#include <utility>

namespace bridge::daemon {
namespace {

/// Of this project, below a key that clients never see. A backup holds it.
constexpr std::string_view access_key = ".clusbridge\\Access";
constexpr std::string_view descriptor_value = "Security Descriptor";

model::registry_command command(model::registry_verb verb) {
    model::registry_command c;
    c.verb = verb;
    c.path = access_key;
    c.name = descriptor_value;
    return c;
}

} // namespace

std::optional<win32::security_descriptor> stored_descriptor(const model::registry_tree& tree) {
    const model::stored_key* key = tree.find(access_key);
    const model::registry_value* value =
        key == nullptr ? nullptr : key->find_value(descriptor_value);
    if (value == nullptr)
        return std::nullopt;
    auto decoded = win32::decode_security_descriptor(value->data);
    if (!decoded)
        return std::nullopt;
    return std::move(*decoded);
}

boost::asio::awaitable<model::registry_errc>
store_descriptor(ports::registry& store, std::optional<win32::security_descriptor> value,
                 std::string caller) {
    model::registry_batch batch;
    batch.caller = std::move(caller);
    batch.time = win32::to_filetime(std::chrono::system_clock::now()).ticks;
    batch.commands.push_back(command(model::registry_verb::create_key));
    if (value) {
        auto bytes = win32::encode_security_descriptor(*value);
        if (!bytes)
            co_return model::registry_errc::too_large;
        model::registry_command set = command(model::registry_verb::set_value);
        set.type = model::registry_type::binary;
        set.data = std::move(*bytes);
        batch.commands.push_back(std::move(set));
    } else {
        batch.commands.push_back(command(model::registry_verb::delete_value));
    }
    auto committing = store.commit(std::move(batch));
    const model::registry_outcome outcome = co_await std::move(committing);
    co_return outcome.code;
}

} // namespace bridge::daemon
