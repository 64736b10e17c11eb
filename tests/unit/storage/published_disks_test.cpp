// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage/published_disks.hpp"

#include "bridge/storage/disk_report.hpp"
#include "tests/unit/storage/made_up_disks.hpp"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>

namespace bridge::storage::test {

namespace {

using ports::peer;

/// Keeps what is sent; the test plays the group.
class recording_peers final : public ports::peers {
public:
    void listen(ports::channel on, listener given) override {
        EXPECT_EQ(on, ports::channel::disks);
        calls = std::move(given);
    }
    bool send(ports::channel on, std::span<const std::byte> body) override {
        EXPECT_EQ(on, ports::channel::disks);
        if (takes)
            sent.emplace_back(body.begin(), body.end());
        return takes;
    }
    void respond(ports::request_kind, responder) override {}
    boost::asio::awaitable<ports::answer> ask(std::uint32_t, ports::request_kind,
                                              std::vector<std::byte>,
                                              std::chrono::milliseconds) override {
        co_return ports::answer{};
    }

    void joined(std::vector<peer> members, std::vector<peer> fresh) const {
        ports::peer_view view;
        view.members = std::move(members);
        view.joined = std::move(fresh);
        calls.changed(view);
    }

    listener calls;
    bool takes = true;
    std::vector<std::vector<std::byte>> sent;
};

constexpr peer self{1, 10};
constexpr peer other{2, 20};

std::shared_ptr<const model::node_disks> one_disk(const std::string& id) {
    return std::make_shared<const model::node_disks>(model::node_disks{{made_up_disk(id)}});
}

class PublishedDisks : public ::testing::Test {
protected:
    recording_peers group;
    std::vector<std::string> said;
    published_disks disks{group, [this](std::string_view text) { said.emplace_back(text); }};
};

TEST_F(PublishedDisks, AreUnknownUntilTheyAreRead) {
    EXPECT_EQ(disks.of("1"), nullptr);
    group.calls.opened(self);
    EXPECT_EQ(disks.of("1"), nullptr);
    disks.read(one_disk("a"));
    ASSERT_TRUE(disks.of("1"));
    EXPECT_EQ(disks.of("1")->disks.at(0).id, "a");
    EXPECT_EQ(disks.of("2"), nullptr);
    EXPECT_EQ(disks.of("node1"), nullptr);
    EXPECT_EQ(disks.of(""), nullptr);
}

TEST_F(PublishedDisks, AreToldOnceAndAgainWhenTheyChangeOrSomebodyComes) {
    disks.read(one_disk("a"));
    EXPECT_TRUE(group.sent.empty());
    group.calls.opened(self);
    EXPECT_EQ(group.sent.size(), 1U);
    disks.read(one_disk("a"));
    EXPECT_EQ(group.sent.size(), 1U);
    disks.read(one_disk("b"));
    EXPECT_EQ(group.sent.size(), 2U);
    group.joined({self, other}, {other});
    EXPECT_EQ(group.sent.size(), 3U);
    group.joined({self}, {});
    EXPECT_EQ(group.sent.size(), 3U);
    EXPECT_EQ(decode_report(group.sent.back(), 1), *one_disk("b"));
}

TEST_F(PublishedDisks, AreToldLaterWhenTheGroupTakesNothingNow) {
    group.calls.opened(self);
    group.takes = false;
    disks.read(one_disk("a"));
    group.takes = true;
    disks.read(one_disk("a"));
    EXPECT_EQ(group.sent.size(), 1U);
}

TEST_F(PublishedDisks, OfAnotherNodeAreWhatItSaidLast) {
    group.calls.opened(self);
    group.joined({self, other}, {other});
    group.calls.received(other, encode_report(2, *one_disk("far")));
    ASSERT_TRUE(disks.of("2"));
    EXPECT_EQ(disks.of("2")->disks.at(0).id, "far");
    // Nobody speaks for another.
    group.calls.received(other, encode_report(3, *one_disk("lie")));
    EXPECT_EQ(disks.of("3"), nullptr);
    EXPECT_EQ(said.size(), 1U);
    group.joined({self}, {});
    EXPECT_EQ(disks.of("2"), nullptr);
}

TEST_F(PublishedDisks, OfOthersAreForgottenWithTheGroup) {
    group.calls.opened(self);
    disks.read(one_disk("a"));
    group.calls.received(other, encode_report(2, *one_disk("far")));
    group.calls.closed();
    EXPECT_EQ(disks.of("2"), nullptr);
    group.calls.opened({1, 11});
    EXPECT_EQ(disks.of("1")->disks.at(0).id, "a");
    EXPECT_EQ(group.sent.size(), 2U);
}

TEST_F(PublishedDisks, ThatAreTooManyAreLeftOutAndItIsSaid) {
    model::node_disks many;
    many.disks.assign(model::max_node_disks + 5, made_up_disk());
    group.calls.opened(self);
    disks.read(std::make_shared<const model::node_disks>(many));
    EXPECT_EQ(disks.of("1")->disks.size(), model::max_node_disks);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("5 are left out"), std::string::npos);
}

} // namespace

} // namespace bridge::storage::test
