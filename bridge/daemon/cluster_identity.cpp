// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/cluster_identity.hpp"

#include "bridge/win32/filetime.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

namespace bridge::daemon {
namespace {

/// Of this project, below a key that clients never see.
constexpr std::string_view identity_key = ".clusbridge\\Cluster";
constexpr std::string_view identity_value = "Id";

model::registry_command command(model::registry_verb verb) {
    model::registry_command c;
    c.verb = verb;
    c.path = identity_key;
    c.name = identity_value;
    return c;
}

} // namespace

std::optional<win32::guid> cluster_identity(const model::registry_tree& tree) {
    const model::stored_key* key = tree.find(identity_key);
    const model::registry_value* value = key == nullptr ? nullptr : key->find_value(identity_value);
    if (value == nullptr)
        return std::nullopt;
    std::string text;
    for (const std::byte b : value->data)
        text.push_back(static_cast<char>(b));
    return win32::parse_guid(text);
}

boost::asio::awaitable<model::registry_errc> make_cluster_identity(ports::registry& store,
                                                                   win32::guid candidate) {
    if (cluster_identity(store.tree()))
        co_return model::registry_errc::none;
    if (candidate.is_null())
        candidate = win32::random_guid();
    model::registry_batch batch;
    batch.caller = "clusbridged";
    batch.time = win32::to_filetime(std::chrono::system_clock::now()).ticks;
    batch.commands.push_back(command(model::registry_verb::create_key));
    batch.commands.push_back(command(model::registry_verb::require_absent));
    model::registry_command set = command(model::registry_verb::set_value);
    set.type = model::registry_type::binary;
    for (const char c : win32::to_string(candidate))
        set.data.push_back(static_cast<std::byte>(c));
    batch.commands.push_back(std::move(set));
    auto committing = store.commit(std::move(batch));
    const model::registry_outcome outcome = co_await std::move(committing);
    // Another node was quicker: its identity is in the tree now.
    if (outcome.code == model::registry_errc::guard_failed)
        co_return model::registry_errc::none;
    co_return outcome.code;
}

win32::guid configured_identity(std::string_view text) {
    if (text.empty())
        return {};
    const auto value = win32::parse_guid(text);
    if (!value || value->is_null())
        throw std::runtime_error("cluster.id is not a GUID");
    return *value;
}

} // namespace bridge::daemon
