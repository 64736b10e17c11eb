// SPDX-License-Identifier: Apache-2.0
#include "sgpr/bounded_transport.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

using namespace sgpr;
using namespace std::chrono_literals;

namespace {

/// Hangs on request, as a command does in the kernel's error handling.
struct hanging final : transport {
    struct controls {
        std::atomic<int> sent = 0;
        std::atomic<bool> hang = false;
        std::promise<void> let_go;
        std::promise<void> destroyed;
    };

    explicit hanging(std::shared_ptr<controls> with) : c(std::move(with)) {}
    ~hanging() override { c->destroyed.set_value(); }

    outcome submit(const command&) override {
        ++c->sent;
        if (c->hang.exchange(false))
            c->let_go.get_future().wait();
        outcome got;
        got.residual = c->sent;
        return got;
    }
    [[nodiscard]] std::string name() const override { return "a"; }
    [[nodiscard]] std::optional<transport_id> initiator() const override {
        return sas_transport_id(1);
    }

    std::shared_ptr<controls> c;
};

struct BoundedTransport : testing::Test {
    std::shared_ptr<hanging::controls> c = std::make_shared<hanging::controls>();
    std::unique_ptr<bounded_transport> bounded =
        std::make_unique<bounded_transport>(std::make_unique<hanging>(c));
    command quick{.timeout = 1ms};
};

TEST_F(BoundedTransport, PassesOnWhatAnswersInTime) {
    EXPECT_EQ(bounded->submit({}).residual, 1);
    EXPECT_EQ(bounded->submit({}).residual, 2);
    EXPECT_EQ(bounded->name(), "a");
    EXPECT_EQ(bounded->initiator(), sas_transport_id(1));
}

TEST_F(BoundedTransport, GivesUpACommandThatHangs) {
    c->hang = true;
    const auto got = bounded->submit(quick);
    EXPECT_EQ(got.how, delivery::timed_out);
    EXPECT_GE(got.duration, 1ms);
    c->let_go.set_value();
}

TEST_F(BoundedTransport, SendsNothingBehindACommandThatHangs) {
    c->hang = true;
    (void)bounded->submit(quick);
    EXPECT_EQ(bounded->submit({}).how, delivery::timed_out);
    EXPECT_EQ(c->sent, 1);
    c->let_go.set_value();
}

TEST_F(BoundedTransport, KeepsNoAnswerOfACommandThatWasGivenUp) {
    c->hang = true;
    (void)bounded->submit(quick);
    c->let_go.set_value();
    outcome got = bounded->submit(quick);
    while (got.how == delivery::timed_out)
        got = bounded->submit(quick);
    EXPECT_EQ(got.residual, 2);
}

TEST_F(BoundedTransport, IsDestroyedWithoutWaitingForACommandThatHangs) {
    c->hang = true;
    (void)bounded->submit(quick);
    auto gone = c->destroyed.get_future();
    bounded.reset();
    EXPECT_EQ(gone.wait_for(0s), std::future_status::timeout);
    c->let_go.set_value();
    EXPECT_EQ(gone.wait_for(20s), std::future_status::ready);
}

} // namespace
