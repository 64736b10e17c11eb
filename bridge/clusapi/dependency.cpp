// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/dependency.hpp"

#include "bridge/clusapi/handlers.hpp"
#include "bridge/win32/upcase.hpp"

#include <algorithm>
#include <unordered_set>

namespace bridge::clusapi {

namespace {

/// Every resource that `resource` depends on directly, each as often as clauses name it.
template <class Visit>
void each_provider(const model::snapshot& cluster, const model::resource& resource, Visit visit) {
    for (const auto& clause : resource.dependencies)
        for (const std::string& id : clause)
            if (const auto provider = cluster.resources.find_id(id))
                visit(*provider);
}

/// Depth first over what `from` depends on, directly or not, each resource once. Stops when `visit`
/// returns true, and returns that resource.
template <class Visit>
const model::resource* search(const model::snapshot& cluster, const model::resource& from,
                              Visit visit) {
    std::vector<const model::resource*> left{&from};
    std::unordered_set<const model::resource*> seen{&from};
    while (!left.empty()) {
        const model::resource* current = left.back();
        left.pop_back();
        if (current != &from && visit(*current))
            return current;
        each_provider(cluster, *current, [&](const model::resource& provider) {
            if (seen.insert(&provider).second)
                left.push_back(&provider);
        });
    }
    return nullptr;
}

bool depends_on(const model::snapshot& cluster, const model::resource& from,
                const model::resource& to) {
    return search(cluster, from, [&](const model::resource& r) { return r.id == to.id; }) !=
           nullptr;
}

bool related(const model::snapshot& cluster, const model::resource& a, const model::resource& b) {
    bool found = false;
    each_provider(cluster, a, [&](const model::resource& r) { found = found || r.id == b.id; });
    each_provider(cluster, b, [&](const model::resource& r) { found = found || r.id == a.id; });
    return found;
}

/// Longest chain of dependencies below `from`, counted up to the limit; the graph has no cycles,
/// and the limit holds if it had.
std::size_t depth_below(const model::snapshot& cluster, const model::resource& from) {
    std::vector<const model::resource*> level{&from};
    std::size_t depth = 0;
    for (; depth < max_dependency_depth; ++depth) {
        std::unordered_set<const model::resource*> next;
        for (const model::resource* r : level)
            each_provider(cluster, *r, [&](const model::resource& p) { next.insert(&p); });
        if (next.empty())
            break;
        level.assign(next.begin(), next.end());
    }
    return depth;
}

bool is_network_name(const model::resource& resource) {
    return win32::equal_names(resource.type, "Network Name");
}

bool is_quorum(const model::snapshot& cluster, const model::resource& resource) {
    return !cluster.quorum_info.resource_name.empty() &&
           win32::equal_names(cluster.quorum_info.resource_name, resource.name);
}

} // namespace

std::string dependency_text(const model::resource& resource) {
    std::string out;
    for (const auto& clause : resource.dependencies) {
        if (clause.empty())
            continue;
        out += out.empty() ? "(" : " and (";
        for (std::size_t i = 0; i < clause.size(); ++i)
            out += (i == 0 ? "[" : " or [") + clause[i] + "]";
        out += ")";
    }
    return out;
}

win32_error check_new_dependency(const model::snapshot& cluster, const model::resource& dependent,
                                 const model::resource& provider) {
    using enum model::resource_state;
    if (dependent.id == provider.id || dependent.group != provider.group)
        return win32_error::ERROR_INVALID_PARAMETER;
    if (related(cluster, dependent, provider))
        return win32_error::ERROR_DEPENDENCY_ALREADY_EXISTS;
    if (depends_on(cluster, provider, dependent))
        return win32_error::ERROR_CIRCULAR_DEPENDENCY;
    if (is_quorum(cluster, dependent) || is_quorum(cluster, provider))
        return win32_error::ERROR_DEPENDENCY_NOT_ALLOWED;
    // MS-CMRP 3.1.4.2.22 prints "and the provider is online", which would refuse what is harmless.
    if (dependent.state == online_pending ||
        (dependent.state == online && provider.state != online))
        return win32_error::ERROR_RESOURCE_ONLINE;
    if (depth_below(cluster, provider) + 1 >= max_dependency_depth)
        return win32_error::ERROR_DEPENDENCY_TREE_TOO_COMPLEX;
    return win32_error::ERROR_SUCCESS;
}

reply<wire::ApiCanResourceBeDependent_out>
can_resource_be_dependent(call& c, const wire::ApiCanResourceBeDependent_in&) {
    return check_new_dependency(*c.cluster, c.object<model::resource>(0),
                                c.object<model::resource>(1));
}

reply<wire::ApiGetResourceDependencyExpression_out>
get_resource_dependency_expression(call& c, const wire::ApiGetResourceDependencyExpression_in&) {
    wire::ApiGetResourceDependencyExpression_out out;
    out.lpszDependencyExpression = wide(dependency_text(c.object<model::resource>()));
    return out;
}

reply<wire::ApiGetResourceNetworkName_out>
get_resource_network_name(call& c, const wire::ApiGetResourceNetworkName_in&) {
    // A chain starts with the resource itself: a Network Name finds itself.
    const auto& start = c.object<model::resource>();
    const model::resource* found =
        is_network_name(start) ? &start : search(*c.cluster, start, is_network_name);
    if (!found)
        return win32_error::ERROR_DEPENDENCY_NOT_FOUND;
    wire::ApiGetResourceNetworkName_out out;
    out.lpszName = wide(network_name_of(*c.cluster, *found));
    return out;
}

std::string network_name_of(const model::snapshot& cluster, const model::resource& resource) {
    for (const auto& p : model::private_properties(cluster, resource))
        if (const auto* text = std::get_if<std::string>(&p.value);
            text && !text->empty() && win32::equal_names(p.name, "Name"))
            return *text;
    return resource.name;
}

} // namespace bridge::clusapi
