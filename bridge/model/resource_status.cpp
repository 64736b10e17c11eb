// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/resource_status.hpp"

#include "bridge/model/location.hpp"

#include <algorithm>
#include <charconv>

namespace bridge::model {

namespace {

bool option(const cib_facts& facts, std::string_view name, bool fallback) {
    const auto* value = find_attribute(*facts.options, name);
    return value != nullptr ? is_true(*value) : fallback;
}

/// "3.0.13" and the like, part by part; an absent one is the oldest.
bool feature_set_below(std::string_view version, std::initializer_list<int> limit) {
    for (const auto part : limit) {
        int own = -1;
        const auto end = std::from_chars(version.data(), version.data() + version.size(), own).ptr;
        if (own != part)
            return own < part;
        version.remove_prefix(static_cast<std::size_t>(end - version.data()));
        if (version.starts_with('.'))
            version.remove_prefix(1);
    }
    return false;
}

std::int64_t seconds_of(const std::string* text) {
    const auto ms = text != nullptr ? parse_interval_ms(*text) : std::nullopt;
    return ms.value_or(0) / 1000;
}

/// "default" is as good as nothing.
const std::string* given(const std::string* value) {
    return value == nullptr || equal_ignoring_case(*value, "default") ? nullptr : value;
}

bool is_connection(const resource_facts& resource) {
    return resource.kind == resource_kind::primitive && resource.agent() == connection_agent;
}

bool in_bundle(const cib_facts& facts, const resource_facts& resource) {
    if (resource.kind == resource_kind::bundle)
        return true;
    const auto parent =
        resource.parent.empty() ? nullptr : facts.resources.find(resource.parent);
    return parent && parent->kind == resource_kind::bundle;
}

/// The resource names another one as its container.
bool has_container(const cib_facts& facts, const resource_facts& resource) {
    const auto* container = effective_meta(facts, resource, "container");
    return container != nullptr && *container != resource.id &&
           facts.resources.find(*container) != nullptr;
}

/// Whether a counter's name is about the resource or a numbered instance of it.
bool is_about(std::string_view counted, std::string_view id) {
    if (!counted.starts_with(id))
        return false;
    counted.remove_prefix(id.size());
    if (counted.empty())
        return true;
    const auto digits = counted.substr(1);
    return counted.front() == ':' && !digits.empty() &&
           digits.find_first_not_of("0123456789") == std::string_view::npos;
}

/// An operation that failed and blocks the resource for it.
bool blocks(const operation_result& op, const std::vector<operation_facts>& configured) {
    const bool told = op.id.ends_with("_last_failure_0") || op.rc != op.expected_rc;
    return told && std::any_of(configured.begin(), configured.end(), [&](const auto& each) {
               return each.on_fail == "block" && each.name == op.operation &&
                      each.interval_ms == op.interval_ms;
           });
}

bool migrates(const history_facts& history) {
    return std::any_of(history.operations.begin(), history.operations.end(),
                       [](const auto& each) { return each.operation.starts_with("migrate_"); });
}

/// Reads one resource's histories on all nodes.
class reader {
public:
    reader(std::span<const status_node> nodes, const std::vector<std::string>& histories,
           const history_context& context, bool per_resource)
        : nodes_(nodes), histories_(histories), context_(context), per_resource_(per_resource) {}

    resource_status run() {
        collect();
        for (const auto& [node, history] : found_)
            read(node, *history);
        for (const auto& [node, status] : made_.on)
            for (const auto& other : status.also_on)
                also_.push_back(other);
        for (const auto& other : also_)
            activate(other);
        for (const auto& [node, status] : made_.on) {
            made_.is = std::max(made_.is, status.is);
            // What failed on a node that is gone was gone with it.
            made_.failed = made_.failed || (status.failed && nodes_[node].online);
            made_.failure_ignored = made_.failure_ignored || status.failure_ignored;
            made_.changes_at = earlier(made_.changes_at, status.changes_at);
        }
        return std::move(made_);
    }

private:
    void collect() {
        bool any_migration = false;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            if (nodes_[i].status == nullptr || !nodes_[i].counts)
                continue;
            for (const auto& id : histories_)
                if (const auto history = nodes_[i].status->histories.find(id)) {
                    found_.emplace_back(i, history.get());
                    any_migration = any_migration || migrates(*history);
                }
        }
        if (any_migration)
            collect_peers();
        for (const auto& [node, history] : found_)
            if (context_.failure_timeout_s > 0 && counted_on(node).count > 0)
                for (const auto& each : history->operations)
                    if (blocks(each, context_.policy.configured))
                        context_.failure_timeout_s = 0; // what blocks does not expire
    }

    void collect_peers() {
        for (const auto& each : nodes_) {
            const auto history = each.status != nullptr
                                     ? each.status->histories.find(histories_.front())
                                     : nullptr;
            peers_.push_back({each.uname, history.get(), each.online});
        }
    }

    [[nodiscard]] failure_count counted_on(std::size_t node) const {
        return failures_of(*nodes_[node].status, histories_.front(), per_resource_);
    }

    void read(std::size_t node, const history_facts& history) {
        history_place place{nodes_[node].uname, {}, peers_};
        if (context_.failure_timeout_s > 0)
            place.failures = counted_on(node);
        auto status = status_of(history, context_, place);
        if (!made_.on.empty() && made_.on.back().first == node)
            made_.on.back().second = merged(made_.on.back().second, status);
        else
            made_.on.emplace_back(node, std::move(status));
    }

    /// A live migration may have left it there.
    void activate(const std::string& uname) {
        const auto node = static_cast<std::size_t>(
            std::find_if(nodes_.begin(), nodes_.end(),
                         [&](const auto& each) { return each.uname == uname; }) -
            nodes_.begin());
        if (node == nodes_.size() || !nodes_[node].counts)
            return;
        const auto place = std::find_if(made_.on.begin(), made_.on.end(),
                                        [&](const auto& each) { return each.first >= node; });
        if (place != made_.on.end() && place->first == node) {
            place->second.is = std::max(place->second.is, role::started);
            return;
        }
        instance_status there;
        there.is = role::started;
        made_.on.insert(place, {node, std::move(there)});
    }

    std::span<const status_node> nodes_;
    const std::vector<std::string>& histories_;
    history_context context_;
    bool per_resource_;
    std::vector<std::pair<std::size_t, const history_facts*>> found_;
    std::vector<peer_history> peers_;
    std::vector<std::string> also_;
    resource_status made_;
};

} // namespace

bool fencing_enabled(const cib_facts& facts) {
    // The name of 3.0.2 and later; what an earlier release finds under it says nothing.
    if (find_attribute(*facts.options, "stonith-enabled") == nullptr &&
        !feature_set_below(facts.feature_set, {3, 20, 2}))
        return option(facts, "fencing-enabled", true);
    return option(facts, "stonith-enabled", true);
}

bool in_maintenance(const cib_facts& facts) {
    return option(facts, "maintenance-mode", false);
}

bool is_managed(const cib_facts& facts, const resource_facts& resource) {
    const auto* managed = given(effective_meta(facts, resource, "is-managed"));
    const auto* maintenance = effective_meta(facts, resource, "maintenance");
    return (managed != nullptr ? is_true(*managed) : option(facts, "is-managed-default", true)) &&
           (maintenance == nullptr || !is_true(*maintenance)) && !in_maintenance(facts);
}

history_context context_of(const cib_facts& facts, const resource_facts& resource,
                           std::int64_t now) {
    history_context made{{resource.operations, *facts.operation_defaults}};
    made.policy.managed = is_managed(facts, resource);
    made.policy.fencing = fencing_enabled(facts);
    made.policy.contained = has_container(facts, resource);
    made.policy.remote_connection = is_connection(resource) && !made.policy.contained;
    made.bundled = in_bundle(facts, resource);
    made.now = now;
    made.failure_timeout_s = seconds_of(effective_meta(facts, resource, "failure-timeout"));
    if (made.policy.remote_connection) {
        const auto* interval = find_attribute(resource.parameters, "reconnect_interval");
        made.reconnects = interval != nullptr && parse_interval_ms(*interval).value_or(0) > 0;
        if (interval != nullptr)
            made.failure_timeout_s = seconds_of(interval);
        const auto node = facts.status.find(resource.id);
        made.awaits_fencing =
            made.reconnects && made.policy.fencing && (node == nullptr || !node->fenced);
    }
    return made;
}

history_context connection_context(const cib_facts& facts, const resource_facts& container,
                                   std::int64_t now) {
    static const std::vector<operation_facts> none;
    history_context made{{none, *facts.operation_defaults}};
    const auto* managed = given(find_attribute(container.meta, "is-managed"));
    made.policy.managed = (managed == nullptr || is_true(*managed)) && !in_maintenance(facts);
    made.policy.fencing = fencing_enabled(facts);
    made.policy.contained = true;
    made.bundled = container.kind == resource_kind::bundle;
    made.now = now;
    const auto* timeout = made.bundled ? effective_meta(facts, container, "failure-timeout")
                                       : find_attribute(*facts.resource_defaults, "failure-timeout");
    made.failure_timeout_s = seconds_of(timeout);
    return made;
}

failure_count failures_of(const node_status& status, std::string_view id, bool per_resource) {
    failure_count made;
    for (const auto& each : *status.failures) {
        if (each.operation.empty() != per_resource || !is_about(each.resource, id))
            continue;
        made.count = add_scores(made.count, each.count);
        made.last = std::max(made.last, each.last);
    }
    return made;
}

bool counts_per_resource(const cib_facts& facts) {
    return feature_set_below(facts.feature_set, {3, 0, 13});
}

resource_status status_of(std::span<const status_node> nodes,
                          const std::vector<std::string>& histories, const history_context& context,
                          bool per_resource) {
    return reader(nodes, histories, context, per_resource).run();
}

} // namespace bridge::model
