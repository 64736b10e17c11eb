// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/registry/histories.hpp"
#include "tests/sim/registry/world.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

/// The protocol as it was model-checked (registry protocol, section 5), run beside the machines:
/// what becomes durable, is sent, or begins to be served must be a step that the model allows.
namespace registry_sim {

struct abstract_state { ///< S(n, e)
    epoch_id inst;
    int log = 0;
    std::vector<voter> voters, known;
    bool live = false;
    random_id life{}, store{}, lineage{};
};

struct abstract_node : abstract_state {
    epoch_id prom, joined, act, seen_active;
    random_id former_life{};
    epoch_id former_joined;
    bool up = false;
    bool blank = false; ///< lost what it had
    random_id sender{};
    std::uint64_t sent = 0;
    struct moment {
        nanoseconds at = 0;
        epoch_id prom;
        random_id life{};
    };
    std::vector<moment> past; ///< of prom and life
    std::int64_t lease_from = 0;
};

struct abstract_epoch {
    node_id coordinator = 0;
    bool planned = false;
    std::map<int, random_id> core;
    int base = 0;
    random_id lineage{};
    std::vector<voter> voters, known;
    std::map<node_id, random_id> lives;
    std::set<int> ready;
    std::map<int, int> accepted; ///< node: history
    std::set<operation_id> proposed;
    std::map<int, abstract_state> states;
};

class oracle {
public:
    explicit oracle(world*& w) : world_(w) {}

    void begin(int nodes);
    void started(int n);
    void died(int n);
    void wiped(int n);
    void rolled_back(int n); ///< its disk is an older copy of itself
    void on_disk(int n, const journal_write& w, bool current);
    void sent(int n, const message& m);
    void stepped(int n);
    void applied(int n, const log_entry& e);

    /// The longest history that is committed, and what it is made of.
    int committed = 0;
    histories tree;
    std::function<void(int)> on_commit; ///< for each entry, in order
    std::size_t epochs_planned = 0;
    bool enabled = true;
    std::map<epoch_id, abstract_epoch> epochs;
    std::vector<abstract_node> nodes;
    std::set<random_id> lineages;
    std::set<node_id> removed; ///< from the configuration

private:
    void invariant(int n, bool holds, const char* what) const;
    void require(int n, bool holds, const char* what) const;
    void promise(int n, const epoch_id& e, bool current);
    void install(int n, const journal_write& w, int log, bool current);
    void accept(int n, const log_entry& e, bool current);
    void state(int n, const message_header& h, const state_message& m);
    void plan(int n, const message_header& h, const plan_message& m);
    void plan_ordinary(int n, abstract_epoch& e, const plan_message& m);
    void plan_bootstrap(int n, abstract_epoch& e, const plan_message& m);
    bool go(const abstract_epoch& e, const abstract_state& b, const std::vector<voter>& electorate);
    [[nodiscard]] bool dropped(int coordinator, node_id node) const;
    std::vector<voter> successors(int coordinator, const abstract_epoch& e,
                                  const abstract_state& b) const;
    void ready(int n, const message_header& h, const ready_message& m);
    void accepted(int n, const message_header& h, const accept_message& m);
    void activate(int n);
    void lease(int n);
    void fresh_readers(int n);
    void commit(int n, int history);
    void commit_epoch(int n, const abstract_epoch& e);
    abstract_node& at(int n) { return nodes[static_cast<std::size_t>(n)]; }

    world*& world_;
};

} // namespace registry_sim
