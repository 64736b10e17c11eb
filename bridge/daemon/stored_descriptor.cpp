// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/stored_descriptor.hpp"

#include "bridge/daemon/own_value.hpp"

#include <utility>

namespace bridge::daemon {
namespace {

constexpr own_value descriptor{".clusbridge\\Access", "Security Descriptor"};

} // namespace

std::optional<win32::security_descriptor> stored_descriptor(const model::registry_tree& tree) {
    const model::registry_value* value = descriptor.in(tree);
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
    model::registry_batch batch = descriptor.batch(std::move(caller));
    if (value) {
        auto bytes = win32::encode_security_descriptor(*value);
        if (!bytes)
            co_return model::registry_errc::too_large;
        batch.commands.push_back(descriptor.set_to(std::move(*bytes)));
    } else {
        batch.commands.push_back(descriptor.command(model::registry_verb::delete_value));
    }
    auto committing = store.commit(std::move(batch));
    const model::registry_outcome outcome = co_await std::move(committing);
    co_return outcome.code;
}

} // namespace bridge::daemon
