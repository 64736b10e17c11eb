// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/messages.hpp"

#include <vector>

/// One message of each type with every field set.
namespace registry_test {

using namespace bridge::registry;

template <std::size_t Size>
std::array<std::byte, Size> filled(int value) {
    std::array<std::byte, Size> a{};
    a.fill(static_cast<std::byte>(value));
    return a;
}

inline shared_bytes body_of(std::size_t size, int value = 0x42) {
    return std::make_shared<const std::vector<std::byte>>(size, static_cast<std::byte>(value));
}

inline message_header sample_header() {
    return {filled<16>(1), {7, 2}, 3, filled<16>(4), 99};
}

inline log_entry sample_entry(std::size_t size) {
    log_entry e;
    e.epoch = {5, 1};
    e.operation = {2, filled<16>(8), 17};
    e.kind = 1;
    e.body = body_of(size);
    return e;
}

inline state_message sample_state() {
    state_message s;
    s.granted = s.live = s.seen_active = true;
    s.supported = {1, 2, 3, 4};
    s.store = filled<16>(2);
    s.lineage = filled<16>(3);
    s.promised = {9, 1};
    s.installed = {8, 2};
    s.last = {1000, filled<32>(4)};
    s.log_start = 10;
    s.staged = {1001, filled<32>(5)};
    s.level = 6;
    s.core = {1, 2};
    s.lives = {{1, filled<16>(6)}, {2, filled<16>(7)}};
    s.voters = {{1, filled<16>(8)}, {2, filled<16>(9)}};
    s.known_voters = {{1, filled<16>(8)}};
    s.dead = {{3, filled<16>(10)}};
    return s;
}

inline plan_message sample_plan() {
    plan_message p;
    p.basis = quorum_basis::half;
    p.lineage = filled<16>(3);
    p.level = 2;
    p.base = {4, filled<32>(1)};
    p.base_epoch = {3, 1};
    p.donor = 1;
    p.core = {{1, filled<16>(6)}};
    p.learners = {2, 3};
    p.learners_donor = 1;
    p.lives = {{1, filled<16>(6)}, {2, filled<16>(7)}};
    p.base_voters = {{1, filled<16>(8)}, {2, filled<16>(9)}};
    p.base_known = p.base_voters;
    p.core_voters = {{1, filled<16>(8)}};
    p.voters = {{1, filled<16>(8)}};
    p.proofs = {{2, filled<16>(7)}};
    p.stopped = {1, 2};
    return p;
}

inline std::vector<message_body> sample_bodies() {
    std::vector<message_body> all;
    all.emplace_back(
        join_message{{1, 1, 1, 2}, filled<16>(1), filled<16>(2), {3, 1}, {2, 2}, true, true});
    all.emplace_back(leave_message{leave_reason::disk_full});
    all.emplace_back(sync_message{{{1, 10}, {2, 20}, {2, 21}}, {{1, 10}, {2, 20}}});
    all.emplace_back(sample_state());
    all.emplace_back(sample_plan());
    all.emplace_back(ready_message{{4, filled<32>(1)}, 3, filled<16>(2)});
    all.emplace_back(propose_message{{2, filled<16>(8), 17}, 0, body_of(100)});
    all.emplace_back(accept_message{{4, filled<32>(1)}, 3, false, 12345, {{1, 5}, {2, -6}}});
    all.emplace_back(fetch_message{2, 7, 100, {{9, filled<32>(1)}, {3, filled<32>(2)}}});
    all.emplace_back(
        tail_message{3, 7, true, {9, filled<32>(1)}, 100, {sample_entry(10), sample_entry(0)}});
    all.emplace_back(pull_message{2, 8, filled<32>(3), 4, 4});
    all.emplace_back(chunk_message{3,
                                   8,
                                   filled<32>(3),
                                   {9, filled<32>(1)},
                                   filled<16>(2),
                                   300,
                                   1,
                                   std::vector<std::byte>(44)});
    all.emplace_back(verify_message{{9, filled<32>(1)}, filled<16>(2)});
    return all;
}

} // namespace registry_test
