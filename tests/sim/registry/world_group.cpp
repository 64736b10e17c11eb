// SPDX-License-Identifier: Apache-2.0
// The group as corosync makes it, with what it does not promise (registry protocol, section 1).
#include "tests/sim/registry/world.hpp"

#include <algorithm>
#include <map>

namespace registry_sim {

// ---- messages

void world::multicast_from(int n, std::vector<std::byte> bytes) {
    sim_node& node = at(n);
    // The type is at a fixed place; not every message is of interest.
    if (bytes.size() > 6) {
        const auto type = std::to_integer<int>(bytes[6]);
        if (type >= 3 && type <= 8) // SYNC ... ACCEPT
            watcher_.sent(n, *decode(bytes));
    }
    node.last_send =
        std::max(node.last_send + 1, now + between(20 * microsecond, 150 * microsecond));
    schedule({.at = node.last_send,
              .what = happening::sequence,
              .node = n,
              .life = node.life,
              .p = std::make_shared<std::vector<std::byte>>(std::move(bytes))});
}

void world::sequence(int n, std::shared_ptr<const std::vector<std::byte>> bytes) {
    sim_node& node = at(n);
    if (!node.on || node.host_paused || (weather.drop > 0 && chance(weather.drop)))
        return;
    append_item(node.on, {{node.id, node.pid}, std::move(bytes), {}, {}});
}

void world::append_item(const std::shared_ptr<ring>& r, ring_item item) {
    r->items.push_back(std::move(item));
    for (const int n : r->nodes)
        schedule_delivery(n, r, r->items.size() - 1);
}

void world::schedule_delivery(int n, const std::shared_ptr<ring>& r, std::size_t index) {
    sim_node& node = at(n);
    if (node.on != r)
        return;
    node.last_delivery =
        std::max(node.last_delivery + 1, now + between(30 * microsecond, 200 * microsecond));
    schedule({.at = node.last_delivery, .what = happening::deliver, .node = n, .a = index, .p = r});
}

void world::deliver(int n, const std::shared_ptr<ring>& r, std::size_t index) {
    sim_node& node = at(n);
    if (node.on != r || node.cursor != index || node.host_paused)
        return;
    const std::size_t next = index + 1;
    if (weather.reorder > 0 && next < r->items.size() && r->items[index].bytes &&
        r->items[next].bytes && r->items[index].from.node != r->items[next].from.node &&
        chance(weather.reorder)) {
        node.cursor += 2;
        hand_over(n, *r, r->items[next]);
        if (node.on == r)
            hand_over(n, *r, r->items[index]);
        return;
    }
    ++node.cursor;
    const ring_item item = r->items[index]; // the list may grow meanwhile
    hand_over(n, *r, item);
}

void world::hand_over(int n, const ring& r, const ring_item& item) {
    sim_node& node = at(n);
    if (!node.running)
        return;
    if (item.bytes) {
        if (!node.in_group)
            return;
        if (lose) {
            const auto m = decode(*item.bytes);
            if (m && lose(index_of(item.from.node), n, *m))
                return;
        }
        auto bytes = item.bytes;
        if (weather.corrupt > 0 && chance(weather.corrupt)) {
            auto broken = std::make_shared<std::vector<std::byte>>(*bytes);
            (*broken)[below(broken->size())] ^= static_cast<std::byte>(1 + below(255));
            bytes = broken;
        }
        return feed(n, message_received{item.from, *bytes}, bytes);
    }
    const process_id self{node.id, node.pid};
    view_changed v;
    v.ring = r.id;
    v.members = item.members;
    for (const process_id& g : node.ghosts)
        v.members.push_back(g);
    std::sort(v.members.begin(), v.members.end());
    v.members.erase(std::unique(v.members.begin(), v.members.end()), v.members.end());
    const auto in = [](const std::vector<process_id>& list, const process_id& p) {
        return std::find(list.begin(), list.end(), p) != list.end();
    };
    if (!in(v.members, self))
        return; // not joined yet
    node.in_group = true;
    for (const process_id& p : node.last_view)
        if (!in(v.members, p))
            v.left.emplace_back(p, p == item.from ? item.why : departure::node_lost);
    node.last_view = v.members;
    feed(n, v);
}

// ---- processes

void world::group_leaves(int n, process_id who, departure why, nanoseconds delay) {
    call(delay, [this, n, who, why] {
        const auto r = at(n).on;
        if (!r || !at(n).host_up)
            return;
        if (at(n).host_paused) // told when it goes on
            return group_leaves(n, who, why, 10 * millisecond);
        std::erase(r->group, who);
        append_item(r, {who, nullptr, r->group, why});
    });
}

void world::group_joins(int n) {
    call(between(millisecond, 30 * millisecond), [this, n, life = at(n).life] {
        sim_node& node = at(n);
        if (!node.running || node.life != life)
            return;
        if (!node.on || node.host_paused) {
            ring_changes_in(millisecond);
            return group_joins(n);
        }
        const process_id self{node.id, node.pid};
        feed(n, joined{self, node.incarnation});
        if (!node.running || node.life != life)
            return;
        const auto r = node.on;
        r->group.push_back(self);
        std::sort(r->group.begin(), r->group.end());
        append_item(r, {self, nullptr, r->group, departure::node_lost});
        schedule_quorum(n, r);
    });
}

void world::reconnect(int n) {
    sim_node& node = at(n);
    if (!stepping(n) || !node.in_group)
        return;
    say(n, "loses its connection to the group");
    const process_id self{node.id, node.pid};
    group_leaves(n, self, departure::node_lost, between(millisecond, 50 * millisecond));
    node.in_group = false;
    ++node.pid; // another connection is another member
    node.incarnation = fresh_id();
    node.last_view.clear();
    watcher_.died(n);
    feed(n, disconnected{});
    watcher_.started(n);
    if (node.running)
        group_joins(n);
}

void world::confirm_dead(int n) {
    if (at(n).running)
        return;
    for (int other = 0; other < static_cast<int>(nodes.size()); ++other)
        if (other != n)
            feed(other, node_confirmed_dead{at(n).id});
}

void world::add_ghost(int n) {
    say(n, "sees a ghost");
    at(n).ghosts.insert({static_cast<node_id>(nodes.size() + 1), 7});
}

// ---- rings

void world::set_net(const std::vector<int>& labels) {
    std::string text = "network:";
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        nodes[n].net = labels[n];
        text += " " + std::to_string(labels[n]);
    }
    say(-1, text);
    ring_changes_in(between(100 * millisecond, 1200 * millisecond));
}

void world::ring_changes_in(nanoseconds delay) {
    schedule({.at = now + delay, .what = happening::reform});
}

void world::reform() {
    std::map<int, std::vector<int>> components;
    for (int n = 0; n < static_cast<int>(nodes.size()); ++n)
        if (at(n).host_up && !at(n).host_paused)
            components[at(n).net].push_back(n);
        else if (!at(n).host_up)
            at(n).on.reset();
    for (const auto& [net, members] : components) {
        const auto& first = at(members.front()).on;
        const bool same =
            first && first->nodes == members &&
            std::all_of(members.begin(), members.end(), [&](int n) { return at(n).on == first; });
        if (!same)
            form_ring(members);
    }
}

/// Those who come from the same ring together deliver the same rest of it, others another one.
void world::move_over(const std::vector<int>& together, const std::shared_ptr<ring>& from) {
    std::size_t most = 0;
    for (const int n : together)
        most = std::max(most, at(n).cursor);
    const std::size_t cut = most + below(from->items.size() - most + 1);
    for (const int n : together) {
        const std::size_t end = from->items.size();
        while (at(n).on == from && at(n).cursor < end) {
            const ring_item item = from->items[at(n).cursor++];
            const bool own = std::any_of(together.begin(), together.end(),
                                         [&](int m) { return at(m).id == item.from.node; });
            const bool lost = weather.ragged > 0 && item.bytes && chance(weather.ragged);
            if ((at(n).cursor <= cut || own) && !lost)
                hand_over(n, *from, item);
        }
    }
}

void world::form_ring(const std::vector<int>& members) {
    std::map<std::shared_ptr<ring>, std::vector<int>> origins;
    for (const int n : members)
        if (at(n).on)
            origins[at(n).on].push_back(n);
    // In the order of the nodes, not of addresses.
    std::vector<std::pair<int, std::shared_ptr<ring>>> order;
    for (const auto& [r, together] : origins)
        order.emplace_back(together.front(), r);
    std::sort(order.begin(), order.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    auto fresh = std::make_shared<ring>();
    fresh->id = {at(members.front()).id, ++ring_number_};
    fresh->nodes = members;
    for (const auto& [first, r] : order) {
        const auto& together = origins[r];
        move_over(together, r);
        for (const process_id& p : r->group)
            if (std::any_of(together.begin(), together.end(),
                            [&](int n) { return at(n).id == p.node; }))
                fresh->group.push_back(p);
    }
    std::sort(fresh->group.begin(), fresh->group.end());
    for (const int n : members) {
        at(n).on = fresh;
        at(n).cursor = 0;
    }
    expect_votes(fresh);
    append_item(fresh, {{}, nullptr, fresh->group, departure::node_lost});
    for (const int n : members)
        schedule_quorum(n, fresh);
}

void world::schedule_quorum(int n, const std::shared_ptr<ring>& r) {
    schedule({.at = now + between(10 * microsecond, 12 * millisecond),
              .what = happening::quorum,
              .node = n,
              .p = r});
}

/// What corosync tells n of the ring.
quorum_changed world::quorum_of(int n, const ring& r) const {
    quorum_changed q;
    q.ring = r.id;
    for (const int member : r.nodes)
        q.nodes.push_back(nodes[static_cast<std::size_t>(member)].id);
    const std::size_t expected = nodes[static_cast<std::size_t>(n)].expected;
    q.quorate = 2 * r.nodes.size() > expected ||
                (2 * r.nodes.size() == expected &&
                 (nodes.size() == 2 || (weather.tie_breaker && r.nodes.front() == 0)));
    q.absent_dropped = last_man_standing && expected <= r.nodes.size();
    return q;
}

/// The votes that a ring expects are the most that one of it expects: a corosync that was started
/// again expects all of them. With last_man_standing they sink to those that are here when the ring
/// has kept its quorum for a while, not everywhere at the same moment.
void world::expect_votes(const std::shared_ptr<ring>& r) {
    std::size_t expected = r->nodes.size();
    for (const int n : r->nodes)
        expected = std::max(expected, at(n).expected);
    for (const int n : r->nodes)
        at(n).expected = expected;
    if (!last_man_standing || r->nodes.size() == expected)
        return;
    const nanoseconds window = between(500 * millisecond, 10 * second);
    for (const int n : r->nodes)
        call(window + between(0, 300 * millisecond), [this, n, r] {
            if (at(n).on != r || at(n).host_paused || !quorum_of(n, *r).quorate)
                return;
            at(n).expected = r->nodes.size();
            schedule_quorum(n, r);
        });
}

} // namespace registry_sim
