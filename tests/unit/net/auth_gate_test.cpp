// SPDX-License-Identifier: Apache-2.0
#include "bridge/net/auth_gate.hpp"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>
#include <vector>

namespace bridge::net {
namespace {

using outcome = auth::step_result::outcome;

/// A mechanism whose leg ends when the test says so.
class held_context final : public auth::security_context {
public:
    explicit held_context(std::shared_future<outcome> end) : end_(std::move(end)) {}

    auth::step_result step(std::span<const std::byte>) override { return {end_.get(), {}, {}}; }
    [[nodiscard]] std::size_t token_size(auth::protection_level) const override { return 0; }
    bool protect(const auth::protected_pdu&) override { return false; }
    bool unprotect(const auth::protected_pdu&) override { return false; }
    [[nodiscard]] const auth::identity& who() const override { return who_; }

private:
    std::shared_future<outcome> end_;
    auth::identity who_;
};

class AuthGate : public testing::Test {
protected:
    AuthGate() {
        bounds.auth_in_flight = 2;
        bounds.auth_in_flight_per_source = 1;
        bounds.auth_failures_per_minute = 2;
    }
    ~AuthGate() override {
        end.set(outcome::refused); // nothing may be left for join to wait for
        if (gate)
            gate->join();
    }

    /// A leg of `source`; its name is put into `ended` when it ends.
    auth_gate::ticket submit(const std::string& source, const std::string& name) {
        if (!gate)
            gate = std::make_shared<auth_gate>(io, bounds, 2);
        auto context = std::make_shared<held_context>(end.shared());
        contexts.emplace_back(context);
        return gate->submit(source, std::move(context), {},
                            [this, name](const auth::step_result&) { ended.push_back(name); });
    }

    /// Lets all legs end, now and from now on, and waits for those that were submitted.
    void end_all(outcome how) {
        end.set(how);
        io.restart();
        io.run(); // legs in flight hold work of it
    }

    /// A promise whose future many hold.
    struct gate_end {
        std::promise<outcome> promise;
        std::shared_future<outcome> future = promise.get_future().share();
        bool is_set = false;
        std::shared_future<outcome> shared() { return future; }
        void set(outcome how) {
            if (!std::exchange(is_set, true))
                promise.set_value(how);
        }
    };

    dcerpc::limits bounds;
    boost::asio::io_context io;
    gate_end end;
    std::shared_ptr<auth_gate> gate;
    std::vector<std::weak_ptr<auth::security_context>> contexts;
    std::vector<std::string> ended;
};

TEST_F(AuthGate, LetsLegsOfASourceWaitForEachOtherOnly) {
    submit("a", "a1");
    submit("a", "a2");
    submit("b", "b1");
    submit("c", "c1"); // two in flight already
    EXPECT_EQ(gate->busy(), 4U);
    end_all(outcome::done);
    EXPECT_EQ(ended.size(), 4U);
    EXPECT_EQ(gate->busy(), 0U);
}

TEST_F(AuthGate, ForgetsALegThatNobodyWaitsForAnyMore) {
    submit("a", "a1");
    for (int i = 0; i < 1000; ++i) // connections that come and go while a leg takes its time
        gate->forget(submit("a", "gone"));
    submit("a", "a2");
    EXPECT_EQ(gate->busy(), 2U);
    EXPECT_TRUE(contexts.at(500).expired());
    end_all(outcome::done);
    EXPECT_EQ(ended, (std::vector<std::string>{"a1", "a2"}));
}

TEST_F(AuthGate, LetsALegThatRunsComeBackThoughItIsForgotten) {
    const auto running = submit("a", "a1");
    gate->forget(running);
    gate->forget(12345);
    EXPECT_EQ(gate->busy(), 1U);
    end_all(outcome::done);
    gate->forget(running);
    EXPECT_EQ(ended.size(), 1U);
    EXPECT_EQ(gate->busy(), 0U);
}

TEST_F(AuthGate, RefusesUnheardWhoFailedTooOften) {
    submit("a", "a1");
    submit("a", "a2");
    end_all(outcome::refused);
    submit("a", "a3");
    EXPECT_EQ(gate->busy(), 0U);
    submit("b", "b1");
    EXPECT_EQ(gate->busy(), 1U);
    end_all(outcome::refused);
    EXPECT_EQ(ended.size(), 4U);
}

} // namespace
} // namespace bridge::net
