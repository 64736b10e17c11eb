// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/registry/oracle.hpp"

#include <unordered_map>
#include <unordered_set>

/// What clients may rely on, checked at every event: the model's invariants by the oracle, and that
/// each read and write took effect at one place of one history, between its call and its answer.
namespace registry_sim {

class checker final : public observer {
public:
    explicit checker(world*& w) : model(w), world_(w) {
        model.on_commit = [this](int h) { committed_entry(h); };
    }

    /// A client's call begins.
    ticket write(int n, const operation& o);
    ticket read(int n);
    [[nodiscard]] bool answered(ticket call) const { return !calls_.contains(call); }
    [[nodiscard]] bool succeeded(ticket call) const { return succeeded_.contains(call); }

    /// After everything was healed: all nodes hold the same, nothing acknowledged is missing.
    void finish(bool all_nodes);

    void started(int n) override;
    void died(int n) override;
    void on_disk(int n, const journal_write& w, bool current) override {
        model.on_disk(n, w, current);
    }
    void sent(int n, const message& m) override { model.sent(n, m); }
    void stepped(int n) override { model.stepped(n); }
    void applied(int n, const log_entry& e) override;
    void replaced(int n, std::uint64_t index) override;
    void committed(int n, const proposal_committed& what) override;
    void refused(int n, const proposal_refused& what) override;
    void read(int n, const read_answered& what) override;

    oracle model;
    struct counts {
        std::uint64_t written = 0, refused = 0, undecided = 0, read = 0, unread = 0, snapshots = 0;
    } done;

private:
    struct client_call {
        int node = 0;
        std::uint64_t unique = 0; ///< of the write; 0: a read
        std::uint64_t floor = 0;  ///< what had been answered to anybody when it began
    };
    void committed_entry(int h);
    void same_as_reference(int n, std::uint64_t index);

    world*& world_;
    std::unordered_map<ticket, client_call> calls_;
    std::unordered_set<ticket> succeeded_;
    std::unordered_set<std::uint64_t> refused_;                     ///< unique numbers
    std::unordered_map<std::uint64_t, std::uint64_t> acknowledged_; ///< unique number: index
    std::unordered_map<std::uint64_t, std::uint64_t> place_;        ///< the same, of all committed
    std::vector<std::array<std::byte, 16>> digests_{values{}.digest()}; ///< after each index
    std::vector<std::uint64_t> last_applied_;
    values reference_;
    std::uint64_t floor_ = 0;
    ticket next_ = 0;
};

} // namespace registry_sim
