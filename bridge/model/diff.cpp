// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/diff.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace bridge::model {

namespace {

template <class T>
const std::string& key_of(const T& object) {
    return object.id.empty() ? object.name : object.id;
}

/// Collects aspects; what no named aspect explains is `other`.
template <class T>
class comparison {
public:
    comparison(const T& before, const T& after) : before_(before), after_(after), rest_(before) {}

    template <class Member>
    comparison& on(aspect what, Member T::*member) {
        if (!(before_.*member == after_.*member)) {
            found_ |= what;
            rest_.*member = after_.*member;
        }
        return *this;
    }

    [[nodiscard]] aspect result() { return rest_ == after_ ? found_ : found_ | aspect::other; }

private:
    const T& before_;
    const T& after_;
    T rest_; ///< `before` with every named member as it is afterwards
    aspect found_ = aspect::none;
};

aspect compared(const cluster& a, const cluster& b) {
    return comparison(a, b)
        .on(aspect::name, &cluster::name)
        .on(aspect::common, &cluster::common)
        .on(aspect::private_properties, &cluster::private_properties)
        .result();
}

aspect compared(const node& a, const node& b) {
    return comparison(a, b)
        .on(aspect::name, &node::name)
        .on(aspect::state, &node::state)
        .on(aspect::common, &node::common)
        .on(aspect::private_properties, &node::private_properties)
        .result();
}

aspect compared(const group& a, const group& b) {
    return comparison(a, b)
        .on(aspect::name, &group::name)
        .on(aspect::state, &group::state)
        .on(aspect::owner, &group::owner)
        .on(aspect::members, &group::resources)
        .on(aspect::preferred_owners, &group::preferred_owners)
        .on(aspect::common, &group::persistent_online)
        .on(aspect::common, &group::common)
        .on(aspect::private_properties, &group::private_properties)
        .result();
}

aspect compared(const resource& a, const resource& b) {
    return comparison(a, b)
        .on(aspect::name, &resource::name)
        .on(aspect::state, &resource::state)
        .on(aspect::group, &resource::group)
        .on(aspect::dependencies, &resource::dependencies)
        .on(aspect::dependents, &resource::dependents)
        .on(aspect::possible_owners, &resource::possible_owners)
        .on(aspect::common, &resource::persistent_online)
        .on(aspect::common, &resource::common)
        .on(aspect::private_properties, &resource::private_properties)
        .result();
}

aspect compared(const resource_type& a, const resource_type& b) {
    return comparison(a, b)
        .on(aspect::name, &resource_type::name)
        .on(aspect::possible_owners, &resource_type::nodes)
        .on(aspect::common, &resource_type::common)
        .on(aspect::private_properties, &resource_type::private_properties)
        .result();
}

aspect compared(const network& a, const network& b) {
    return comparison(a, b)
        .on(aspect::name, &network::name)
        .on(aspect::state, &network::state)
        .on(aspect::common, &network::role)
        .on(aspect::common, &network::common)
        .on(aspect::private_properties, &network::private_properties)
        .result();
}

aspect compared(const net_interface& a, const net_interface& b) {
    return comparison(a, b)
        .on(aspect::name, &net_interface::name)
        .on(aspect::state, &net_interface::state)
        .on(aspect::common, &net_interface::common)
        .on(aspect::private_properties, &net_interface::private_properties)
        .result();
}

template <class T>
bool same_place(const collection<T>& a, const collection<T>& b, std::size_t i) {
    return i < a.size() && i < b.size() && (a[i] == b[i] || key_of(*a[i]) == key_of(*b[i]));
}

template <class T>
collection_diff<T> compare(const collection<T>& before, const collection<T>& after) {
    collection_diff<T> made;
    std::vector<object_change<T>> added;
    std::vector<object_change<T>> changed;
    bool moved = before.size() != after.size();
    for (std::size_t i = 0; i < before.size(); ++i)
        if (!same_place(before, after, i) && !after.find(key_of(*before[i])))
            made.changes.push_back({before[i], nullptr, aspect::none});
    for (std::size_t i = 0; i < after.size(); ++i) {
        const bool here = same_place(before, after, i);
        moved = moved || !here;
        if (here && before[i] == after[i])
            continue;
        const auto old = here ? before[i] : before.find(key_of(*after[i]));
        if (!old)
            added.push_back({nullptr, after[i], aspect::none});
        else if (old != after[i] && !(*old == *after[i]))
            changed.push_back({old, after[i], compared(*old, *after[i])});
    }
    made.changes.insert(made.changes.end(), added.begin(), added.end());
    made.changes.insert(made.changes.end(), changed.begin(), changed.end());
    if (moved) {
        made.order.emplace();
        for (const auto& each : after)
            made.order->push_back(key_of(*each));
    }
    return made;
}

template <class T>
collection<T> applied(const collection<T>& before, const collection_diff<T>& difference) {
    if (difference.empty())
        return before;
    std::unordered_map<std::string, std::shared_ptr<const T>> changed;
    bool renamed = false;
    for (const auto& each : difference.changes) {
        if (each.after)
            changed[key_of(*each.after)] = each.after;
        renamed = renamed || has(each.what, aspect::name);
    }
    std::vector<std::shared_ptr<const T>> made;
    const auto put = [&](const std::string& key, const std::shared_ptr<const T>& old) {
        const auto found = changed.find(key);
        if (found != changed.end())
            made.push_back(found->second);
        else if (old)
            made.push_back(old);
    };
    if (!difference.order) {
        for (const auto& each : before)
            put(key_of(*each), each);
        return renamed ? collection<T>(std::move(made)) : collection<T>(std::move(made), before);
    }
    for (const auto& key : *difference.order)
        put(key, before.find(key));
    return collection<T>(std::move(made));
}

template <class T>
bool same_objects(const collection<T>& a, const collection<T>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return x == y || *x == *y; });
}

bool same_info(const std::shared_ptr<const cluster>& a, const std::shared_ptr<const cluster>& b) {
    return a == b || (a && b && *a == *b);
}

} // namespace

bool snapshot_diff::empty() const {
    return !info && nodes.empty() && groups.empty() && resources.empty() && types.empty() &&
           networks.empty() && interfaces.empty() && !quorum_info;
}

snapshot_diff diff(const snapshot& before, const snapshot& after) {
    snapshot_diff made;
    made.from = before.version;
    made.to = after.version;
    if (!same_info(before.info, after.info)) {
        const bool both = before.info && after.info;
        made.info = object_change<cluster>{
            before.info, after.info, both ? compared(*before.info, *after.info) : aspect::none};
    }
    made.nodes = compare(before.nodes, after.nodes);
    made.groups = compare(before.groups, after.groups);
    made.resources = compare(before.resources, after.resources);
    made.types = compare(before.types, after.types);
    made.networks = compare(before.networks, after.networks);
    made.interfaces = compare(before.interfaces, after.interfaces);
    if (!(before.quorum_info == after.quorum_info))
        made.quorum_info = after.quorum_info;
    return made;
}

snapshot apply(const snapshot& before, const snapshot_diff& difference) {
    snapshot made;
    made.version = difference.to;
    made.info = difference.info ? difference.info->after : before.info;
    made.nodes = applied(before.nodes, difference.nodes);
    made.groups = applied(before.groups, difference.groups);
    made.resources = applied(before.resources, difference.resources);
    made.types = applied(before.types, difference.types);
    made.networks = applied(before.networks, difference.networks);
    made.interfaces = applied(before.interfaces, difference.interfaces);
    made.quorum_info = difference.quorum_info.value_or(before.quorum_info);
    return made;
}

bool same_content(const snapshot& a, const snapshot& b) {
    return a.version == b.version && same_info(a.info, b.info) && same_objects(a.nodes, b.nodes) &&
           same_objects(a.groups, b.groups) && same_objects(a.resources, b.resources) &&
           same_objects(a.types, b.types) && same_objects(a.networks, b.networks) &&
           same_objects(a.interfaces, b.interfaces) && a.quorum_info == b.quorum_info;
}

} // namespace bridge::model
