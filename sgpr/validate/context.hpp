// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/clock.hpp"
#include "sgpr/validate/node_agent.hpp"
#include "sgpr/validate/report.hpp"

#include <atomic>
#include <string>
#include <vector>

namespace sgpr::validate {

/// A node that takes part, and what it told at the beginning.
struct participant {
    node_agent* agent = nullptr;
    node_facts facts;
};

/// What a test has while it runs: nodes, the disk, and the way to say what it found.
class context {
public:
    context(std::vector<participant>& nodes, std::string disk, clock& time,
            const std::atomic<bool>& stop, test_result& into);

    [[nodiscard]] std::size_t nodes() const { return nodes_.size(); }
    [[nodiscard]] const node_facts& facts(std::size_t node) const { return nodes_[node].facts; }
    [[nodiscard]] const disk_facts* disk(std::size_t node) const {
        return nodes_[node].facts.find(disk_);
    }
    [[nodiscard]] const std::string& disk_id() const { return disk_; }
    void set_disk(std::string id) { disk_ = std::move(id); } ///< for tests over all disks
    /// The disks that a test over all of them may change.
    std::vector<std::string> selected;

    /// Asks node `node` about the disk, and writes down question and answer. After Ctrl-C it only
    /// answers errc::aborted.
    answer ask(std::size_t node, request what);
    /// The key of that node in a validation: recognisable, different for every node.
    [[nodiscard]] static key key_of(std::size_t node, std::uint8_t number = 1);
    void wait(std::chrono::milliseconds how_long);
    [[nodiscard]] bool stopped() const { return stop_.load(); }
    [[nodiscard]] clock& time() { return time_; }

    void passed(std::string text) { found(verdict::passed, std::move(text), {}); }
    void warning(std::string text, std::string remedy) {
        found(verdict::warning, std::move(text), std::move(remedy));
    }
    void failed(std::string text, std::string remedy) {
        found(verdict::failed, std::move(text), std::move(remedy));
    }
    void not_applicable(std::string text) { found(verdict::not_applicable, std::move(text), {}); }
    /// `fine`, else a failure that points to the last evidence line.
    bool expect(bool fine, std::string text, std::string remedy);
    /// After whatever the test did: no reservation, no registration, sectors as they were.
    void clean_up();

private:
    void found(verdict what, std::string text, std::string remedy);

    std::vector<participant>& nodes_;
    std::string disk_;
    clock& time_;
    const std::atomic<bool>& stop_;
    test_result& into_;
};

/// Cluster of the keys that a validation registers.
[[nodiscard]] std::uint32_t validation_cluster();
[[nodiscard]] bool is_validation_key(key which);

} // namespace sgpr::validate
