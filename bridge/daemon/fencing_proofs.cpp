// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/fencing_proofs.hpp"

#include <algorithm>

namespace bridge::daemon {

namespace {

using namespace std::chrono_literals;

/// A member that was fenced leaves the membership within corosync's token time-out.
constexpr auto leaving = 30s;
/// Membership and group of daemons are told apart from each other: a proof waits for both.
constexpr auto kept = 5s;
/// An agent may report its success when the node has started anew already; who has been a member
/// for this long is not that.
constexpr auto member_before = 120s;

} // namespace

void fencing_proofs::membership(const model::membership* now, time_point at) {
    if (now == nullptr)
        return nodes_.clear();
    std::map<std::uint32_t, node> next;
    for (const model::member& m : now->members) {
        const auto before = nodes_.find(m.id);
        node n = before == nodes_.end() ? node{} : before->second;
        n.name = m.name;
        if (m.joined && !n.joined) {
            n.joined_since = at;
            n.leaves_until = n.proven_until = {};
        } else if (!m.joined && n.joined && at <= n.leaves_until) {
            n.proven_until = at + kept;
        }
        n.joined = m.joined;
        next.emplace(m.id, std::move(n));
    }
    nodes_ = std::move(next);
}

fencing_proofs::verdict fencing_proofs::fenced(std::string_view name, time_point at) {
    const auto found = std::find_if(nodes_.begin(), nodes_.end(),
                                    [&](const auto& n) { return n.second.name == name; });
    if (found == nodes_.end())
        return verdict::useless;
    node& n = found->second;
    if (!n.joined) {
        n.proven_until = at + kept;
        return verdict::proven;
    }
    if (at - n.joined_since < member_before)
        return verdict::useless;
    n.leaves_until = at + leaving;
    return verdict::waiting;
}

std::vector<std::uint32_t> fencing_proofs::proven(time_point at) {
    std::vector<std::uint32_t> dead;
    for (const auto& [id, n] : nodes_)
        if (!n.joined && at <= n.proven_until)
            dead.push_back(id);
    return dead;
}

bool fencing_proofs::pending(time_point at) const {
    return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& n) {
        return at <= n.second.proven_until || (n.second.joined && at <= n.second.leaves_until);
    });
}

} // namespace bridge::daemon
