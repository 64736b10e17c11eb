// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/context.hpp"

#include "sgpr/node_key.hpp"
#include "sgpr/validate/describe.hpp"

#include <algorithm>
#include <utility>

namespace sgpr::validate {

std::uint32_t validation_cluster() {
    return cluster_hash("clusbridge storage validation");
}

bool is_validation_key(key which) {
    const auto known = recognise(which);
    return known && known->cluster == validation_cluster();
}

context::context(std::vector<participant>& nodes, std::string disk, clock& time,
                 const std::atomic<bool>& stop, test_result& into)
    : nodes_(nodes), disk_(std::move(disk)), time_(time), stop_(stop), into_(into) {}

key context::key_of(std::size_t node, std::uint8_t number) {
    return compose({.cluster = validation_cluster(),
                    .node = static_cast<std::uint16_t>(node + 1),
                    .boot = number});
}

answer context::ask(std::size_t node, request what) {
    if (stopped() && what.what != verb::clean_up) {
        answer got;
        got.failed = problem_of(errc::aborted, "cancelled");
        return got;
    }
    if (what.disk.empty()) {
        what.disk = disk_;
    }
    auto got = nodes_[node].agent->perform(what);
    if (into_.evidence.size() < max_evidence) {
        into_.evidence.push_back({.node = nodes_[node].facts.name,
                                  .sent = describe(what, nodes_[node].facts.find(what.disk)),
                                  .received = describe(what, got),
                                  .duration_us = got.duration_us});
    } else {
        ++into_.evidence_dropped;
    }
    return got;
}

void context::wait(std::chrono::milliseconds how_long) {
    constexpr std::chrono::milliseconds slice{200};
    while (how_long.count() > 0 && !stopped()) {
        time_.sleep_for(std::min(slice, how_long));
        how_long -= slice;
    }
}

bool context::expect(bool fine, std::string text, std::string remedy) {
    if (!fine && !stopped()) {
        if (!into_.evidence.empty()) {
            into_.evidence.back().surprising = true;
        }
        failed(std::move(text), std::move(remedy));
    }
    return fine;
}

void context::clean_up() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto done = ask(i, {.what = verb::clean_up});
        if (done.failed && nodes_[i].facts.find(disk_) != nullptr) {
            warning("Node " + nodes_[i].facts.name + " could not undo all: " + text(*done.failed) +
                        ".",
                    "Look at the registrations (sgpr or sg_persist --in --read-full-status) and "
                    "remove those of this validation.");
        }
    }
}

void context::found(verdict what, std::string text, std::string remedy) {
    into_.what = std::max(into_.what, what);
    into_.findings.push_back({what, std::move(text), std::move(remedy)});
}

} // namespace sgpr::validate
