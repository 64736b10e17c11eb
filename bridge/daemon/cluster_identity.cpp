// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/cluster_identity.hpp"

#include "bridge/daemon/own_value.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bridge::daemon {
namespace {

constexpr own_value identity{".clusbridge\\Cluster", "Id"};

} // namespace

std::optional<win32::guid> cluster_identity(const model::registry_tree& tree) {
    const model::registry_value* value = identity.in(tree);
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
    model::registry_batch batch = identity.batch("clusbridged");
    batch.commands.push_back(identity.command(model::registry_verb::require_absent));
    std::vector<std::byte> text;
    for (const char c : win32::to_string(candidate))
        text.push_back(static_cast<std::byte>(c));
    batch.commands.push_back(identity.set_to(std::move(text)));
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
