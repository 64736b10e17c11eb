// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/registry/checker.hpp"

#include <algorithm>

namespace registry_sim {

namespace {

void require(bool holds, const std::string& what) {
    if (!holds)
        throw violation(what);
}

} // namespace

ticket checker::write(int n, const operation& o) {
    const ticket call = ++next_;
    calls_[call] = {n, o.unique, floor_};
    world_->feed(n, propose{call, o.encode()});
    return call;
}

ticket checker::read(int n) {
    const ticket call = ++next_;
    calls_[call] = {n, 0, floor_};
    world_->feed(n, read_request{call});
    return call;
}

void checker::started(int n) {
    last_applied_.resize(world_->nodes.size());
    last_applied_[static_cast<std::size_t>(n)] =
        world_->nodes[static_cast<std::size_t>(n)].state->now.applied;
    model.started(n);
}

void checker::died(int n) {
    const sim_node& node = world_->nodes[static_cast<std::size_t>(n)];
    if (!node.running) // else it only reconnects, and its calls go on
        std::erase_if(calls_, [&](const auto& c) { return c.second.node == n; });
    model.died(n);
}

// ---- the one history

void checker::committed_entry(int h) {
    const auto& item = model.tree[h];
    if (item.kind == 0) {
        const operation o = operation::decode(*item.body);
        require(place_.try_emplace(o.unique, item.index).second,
                "INV2: an operation was committed twice");
        require(!refused_.contains(o.unique), "INV3: an operation that was refused is committed");
        reference_.apply(o);
    }
    require(digests_.size() == item.index, "the committed history has a hole");
    digests_.push_back(reference_.digest());
}

void checker::same_as_reference(int n, std::uint64_t index) {
    const values& v = world_->nodes[static_cast<std::size_t>(n)].state->now;
    require(index < digests_.size() && v.digest() == digests_[index],
            "node " + std::to_string(n + 1) + " holds another state at entry " +
                std::to_string(index));
    require(std::all_of(v.group.begin(), v.group.end(),
                        [&](std::uint32_t x) { return x == v.group.front(); }),
            "a batch is visible in part");
}

void checker::applied(int n, const log_entry& e) {
    model.applied(n, e);
    std::uint64_t& last = last_applied_[static_cast<std::size_t>(n)];
    require(e.index > last, "an entry was applied twice or out of order");
    for (std::uint64_t i = last + 1; i < e.index; ++i) // only the machine's own are not applied
        require(model.tree[model.tree.cut(model.committed, i)].kind != 0, "an entry was left out");
    last = e.index;
    same_as_reference(n, e.index);
}

void checker::replaced(int n, std::uint64_t index) {
    ++done.snapshots;
    require(index >= last_applied_[static_cast<std::size_t>(n)], "a state that is older");
    last_applied_[static_cast<std::size_t>(n)] = index;
    same_as_reference(n, index);
}

// ---- answers

void checker::committed(int n, const proposal_committed& what) {
    const auto found = calls_.find(what.call);
    require(found != calls_.end() && found->second.node == n, "an answer that nobody waits for");
    const client_call call = found->second;
    calls_.erase(found);
    const auto place = place_.find(call.unique);
    require(place != place_.end() && place->second == what.index,
            "acknowledged what is not committed");
    require(what.index > call.floor, "a write took effect before it was called");
    acknowledged_[call.unique] = what.index;
    succeeded_.insert(what.call);
    floor_ = std::max(floor_, what.index);
    ++done.written;
}

void checker::refused(int n, const proposal_refused& what) {
    const auto found = calls_.find(what.call);
    require(found != calls_.end() && found->second.node == n, "an answer that nobody waits for");
    const client_call call = found->second;
    calls_.erase(found);
    if (what.why == refusal::undecided) {
        ++done.undecided;
        return;
    }
    ++done.refused;
    refused_.insert(call.unique);
    require(!place_.contains(call.unique), "INV3: an operation that is committed was refused");
}

void checker::read(int n, const read_answered& what) {
    const auto found = calls_.find(what.call);
    require(found != calls_.end() && found->second.node == n, "an answer that nobody waits for");
    const client_call call = found->second;
    calls_.erase(found);
    if (!what.fresh) {
        ++done.unread;
        return;
    }
    ++done.read;
    succeeded_.insert(what.call);
    const std::uint64_t seen = world_->inside(n).committed;
    require(seen >= call.floor, "a stale read: node " + std::to_string(n + 1) + " read at entry " +
                                    std::to_string(seen) + ", entry " + std::to_string(call.floor) +
                                    " had been answered before");
    same_as_reference(n, seen);
    floor_ = std::max(floor_, seen);
}

void checker::finish(bool all_nodes) {
    require(model.lineages.size() <= 1, "more than one lineage");
    for (const auto& [unique, index] : acknowledged_) {
        const auto place = place_.find(unique);
        require(place != place_.end() && place->second == index, "an acknowledged write is lost");
    }
    if (!all_nodes)
        return;
    const std::uint64_t last = model.tree[model.committed].index;
    for (int n = 0; n < static_cast<int>(world_->nodes.size()); ++n) {
        require(world_->inside(n).committed == last,
                "node " + std::to_string(n + 1) + " does not reach the end");
        same_as_reference(n, last);
    }
}

} // namespace registry_sim
