// SPDX-License-Identifier: Apache-2.0
// One machine by itself, step by step. Several together: tests/sim/registry.
#include "bridge/registry/limits.hpp"
#include "bridge/registry/machine.hpp"
#include "tests/unit/registry/sample_messages.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace registry_test {
namespace {

class recorder final : public replicated_state {
public:
    void apply(const log_entry& e) override { bodies.push_back(*e.body); }
    [[nodiscard]] std::array<std::byte, 16> digest() const override { return {}; }
    [[nodiscard]] std::vector<std::byte> save() const override { return {}; }
    bool load(std::span<const std::byte>) override { return true; }
    std::vector<std::vector<std::byte>> bodies;
};

/// A node that is alone in its group: what it multicasts comes back, its disk works at once.
struct alone {
    explicit alone(durable_state d = {}) : engine(settings(), with_store(std::move(d)), state) {}

    static machine_settings settings() {
        machine_settings s;
        s.seed_lineage = filled<16>(0x33);
        return s;
    }
    static durable_state with_store(durable_state d) {
        d.store = filled<16>(0x44);
        return d;
    }

    void feed(const input& in) {
        std::vector<action> out;
        engine.step(in, now, out);
        for (action& a : out) {
            if (auto* m = std::get_if<multicast>(&a))
                sent.push_back(std::move(m->bytes));
            else if (auto* w = std::get_if<write_journal>(&a))
                writes.push_back(std::move(*w));
            else
                said.push_back(std::move(a));
        }
    }
    void settle() {
        while (!sent.empty() || (!writes.empty() && disk_works)) {
            if (!writes.empty() && disk_works) {
                const auto number = writes.front().number;
                writes.pop_front();
                feed(journal_done{number, result});
                continue;
            }
            const auto bytes = std::move(sent.front());
            sent.pop_front();
            feed(message_received{self, bytes});
        }
    }
    void join() {
        feed(nodes_configured{{1}});
        feed(joined{self, filled<16>(0x66)});
        feed(view_changed{{1, 1}, {self}, {}});
        feed(quorum_changed{{1, 1}, true, {1}});
        settle();
    }
    template <typename T>
    [[nodiscard]] std::vector<T> all() const {
        std::vector<T> found;
        for (const action& a : said)
            if (const auto* one = std::get_if<T>(&a))
                found.push_back(*one);
        return found;
    }

    recorder state;
    machine engine;
    process_id self{1, 10};
    time_point now{1'000'000'000};
    std::deque<std::vector<std::byte>> sent;
    std::deque<write_journal> writes;
    std::vector<action> said;
    bool disk_works = true;
    journal_errc result = journal_errc::none;
};

TEST(RegistryMachine, OneMemberStartsAtOnce) {
    alone node;
    node.join();
    const machine_view v = node.engine.view(node.now);
    EXPECT_EQ(v.state, machine_state::active) << v.why_not_active;
    EXPECT_TRUE(v.lease_valid);
    EXPECT_EQ(node.engine.durable().lineage, filled<16>(0x33));
    EXPECT_EQ(node.engine.durable().known_voters, node.engine.durable().voters);
}

TEST(RegistryMachine, AWriteIsAnsweredAfterItIsOnTheDisk) {
    alone node;
    node.join();
    node.disk_works = false;
    node.feed(propose{7, body_of(3)});
    node.settle();
    EXPECT_TRUE(node.all<proposal_committed>().empty());
    EXPECT_TRUE(node.state.bodies.empty());
    node.feed(read_request{8});
    EXPECT_TRUE(node.all<read_answered>().empty()) << "it is accepted, not decided";
    node.disk_works = true;
    node.settle();
    ASSERT_EQ(node.all<proposal_committed>().size(), 1U);
    EXPECT_EQ(node.all<proposal_committed>()[0].call, 7U);
    EXPECT_EQ(node.all<proposal_committed>()[0].index, 1U);
    ASSERT_EQ(node.state.bodies.size(), 1U);
    ASSERT_EQ(node.all<read_answered>().size(), 1U);
    EXPECT_TRUE(node.all<read_answered>()[0].fresh);
}

TEST(RegistryMachine, WritesThatWaitForTheDiskShareTheNextOne) {
    alone node;
    node.join();
    node.disk_works = false;
    for (ticket call = 1; call <= 5; ++call)
        node.feed(propose{call, body_of(1)});
    node.settle();
    ASSERT_EQ(node.writes.size(), 1U);
    EXPECT_EQ(node.writes.front().what.append.size(), 1U);
    node.feed(journal_done{node.writes.front().number, journal_errc::none});
    node.writes.pop_front();
    ASSERT_EQ(node.writes.size(), 1U);
    EXPECT_EQ(node.writes.front().what.append.size(), 4U);
    node.disk_works = true;
    node.settle();
    EXPECT_EQ(node.all<proposal_committed>().size(), 5U);
}

TEST(RegistryMachine, GoesOnAfterARestartFromWhatIsOnTheDisk) {
    alone node;
    node.join();
    node.feed(propose{1, body_of(3)});
    node.settle();
    alone again(node.engine.durable());
    EXPECT_EQ(again.engine.view(again.now).state, machine_state::out);
    again.join();
    EXPECT_EQ(again.engine.view(again.now).state, machine_state::active);
    EXPECT_EQ(again.state.bodies.size(), 1U) << "the log is applied once more";
    EXPECT_EQ(again.engine.durable().lineage, filled<16>(0x33));
}

TEST(RegistryMachine, RefusesWhatIsTooLarge) {
    alone node;
    node.join();
    node.feed(propose{1, body_of(limits::body_bytes + 1)});
    ASSERT_EQ(node.all<proposal_refused>().size(), 1U);
    EXPECT_EQ(node.all<proposal_refused>()[0].why, refusal::too_large);
    node.feed(propose{2, body_of(limits::body_bytes)});
    node.settle();
    EXPECT_EQ(node.all<proposal_committed>().size(), 1U);
}

TEST(RegistryMachine, WithoutQuorumClientsWaitAndAreRefused) {
    alone node;
    node.join();
    node.feed(quorum_changed{{1, 1}, false, {1}});
    node.feed(propose{1, body_of(1)});
    node.feed(read_request{2});
    node.settle();
    EXPECT_TRUE(node.said.empty() || node.all<proposal_refused>().empty());
    const auto deadline = node.engine.deadline();
    ASSERT_TRUE(deadline);
    EXPECT_LE(*deadline, node.now + std::chrono::seconds(5));
    node.now += std::chrono::seconds(5);
    node.feed(tick{});
    ASSERT_EQ(node.all<proposal_refused>().size(), 1U);
    EXPECT_EQ(node.all<proposal_refused>()[0].why, refusal::not_active);
    ASSERT_EQ(node.all<read_answered>().size(), 1U);
    EXPECT_FALSE(node.all<read_answered>()[0].fresh);
}

TEST(RegistryMachine, QuorumOfAnotherRingDoesNotCount) {
    alone node;
    node.join();
    node.feed(view_changed{{1, 2}, {node.self}, {}});
    node.settle();
    node.feed(read_request{1});
    EXPECT_TRUE(node.all<read_answered>().empty());
    node.feed(quorum_changed{{1, 2}, true, {1}});
    node.settle();
    EXPECT_EQ(node.all<read_answered>().size(), 1U);
}

TEST(RegistryMachine, ABrokenDiskEndsTheProcess) {
    alone node;
    node.join();
    node.disk_works = false;
    node.feed(propose{1, body_of(1)});
    node.settle();
    node.disk_works = true;
    node.result = journal_errc::failed;
    node.settle();
    EXPECT_EQ(node.all<fail>().size(), 1U);
    ASSERT_EQ(node.all<proposal_refused>().size(), 1U);
    EXPECT_EQ(node.all<proposal_refused>()[0].why, refusal::undecided);
    EXPECT_EQ(node.engine.view(node.now).state, machine_state::failed);
    EXPECT_FALSE(node.engine.deadline());
}

TEST(RegistryMachine, AFullDiskStandsAsideAndComesBack) {
    alone node;
    node.join();
    node.result = journal_errc::full;
    node.feed(propose{1, body_of(1)});
    node.settle();
    EXPECT_EQ(node.engine.view(node.now).last, 0U) << "memory follows the disk";
    EXPECT_TRUE(node.all<fail>().empty());
    EXPECT_NE(node.engine.view(node.now).state, machine_state::active);
    node.result = journal_errc::none;
    node.now += std::chrono::seconds(1);
    node.feed(room_changed{true});
    node.settle();
    EXPECT_EQ(node.engine.view(node.now).state, machine_state::active);
    ASSERT_EQ(node.all<proposal_committed>().size(), 1U) << "proposed again";
    EXPECT_TRUE(node.all<proposal_refused>().empty());
}

TEST(RegistryMachine, WithoutRoomNothingIsProposed) {
    alone node;
    node.join();
    node.feed(room_changed{false});
    node.feed(propose{1, body_of(1)});
    ASSERT_EQ(node.all<proposal_refused>().size(), 1U);
    EXPECT_EQ(node.all<proposal_refused>()[0].why, refusal::disk_full);
}

TEST(RegistryMachine, AStopAnswersEverybody) {
    alone node;
    node.join();
    node.disk_works = false;
    node.feed(propose{1, body_of(1)});
    node.feed(read_request{2});
    node.feed(stop{});
    ASSERT_EQ(node.all<proposal_refused>().size(), 1U);
    EXPECT_EQ(node.all<proposal_refused>()[0].why, refusal::undecided);
    node.feed(propose{3, body_of(1)});
    EXPECT_EQ(node.all<proposal_refused>().back().why, refusal::not_active);
    EXPECT_EQ(node.all<read_answered>().size(), 1U);
}

TEST(RegistryMachine, ClientsAreCounted) {
    alone node;
    node.join();
    node.disk_works = false;
    for (ticket call = 1; call <= 64 + limits::waiting_proposals + 1; ++call)
        node.feed(propose{call, body_of(1)});
    ASSERT_EQ(node.all<proposal_refused>().size(), 1U);
    EXPECT_EQ(node.all<proposal_refused>()[0].why, refusal::busy);
    node.settle();
    for (ticket call = 5000; call < 5000 + 1025; ++call)
        node.feed(read_request{call});
    EXPECT_EQ(node.all<read_answered>().size(), 1U);
}

TEST(RegistryMachine, ForcedBeginningIsAnotherLineage) {
    alone node;
    node.join();
    node.feed(propose{1, body_of(3)});
    node.settle();
    const epoch_id before = node.engine.durable().installed;
    node.feed(bootstrap_lineage{filled<16>(0x99)});
    node.settle();
    EXPECT_EQ(node.engine.view(node.now).state, machine_state::active);
    EXPECT_EQ(node.engine.durable().lineage, filled<16>(0x99));
    EXPECT_GT(node.engine.durable().installed, before);
    EXPECT_EQ(node.engine.view(node.now).committed, 1U) << "nothing is lost by it here";
    node.feed(bootstrap_lineage{filled<16>(0x99)});
    node.settle();
    EXPECT_EQ(node.engine.durable().lineage, filled<16>(0x99));
}

TEST(RegistryMachine, ForeignBytesChangeNothing) {
    alone node;
    node.join();
    const machine_view before = node.engine.view(node.now);
    const std::vector<std::byte> junk(200, std::byte{0xEE});
    node.feed(message_received{{9, 9}, junk});
    for (const message_body& body : sample_bodies()) {
        const auto bytes = encode(sample_header(), body);
        node.feed(message_received{{3, 1}, bytes});  // not in the group
        node.feed(message_received{{1, 10}, bytes}); // not who it says
    }
    node.settle();
    const machine_view after = node.engine.view(node.now);
    EXPECT_EQ(after.last, before.last);
    EXPECT_TRUE(node.all<fail>().empty());
}

} // namespace
} // namespace registry_test
