// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/spanning_write.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

// Every order in which the steps of a spanning write, of those who settle it and of an ordinary
// write can happen, and every step at which the daemon that writes can die. An order is a list of
// choices; each is run from the beginning.

namespace {

using namespace bridge;
using namespace bridge::registry;
using model::registry_errc;
using ports::cib_change_result;

/// Something on its way to the registry or the CIB: it happens at some time, its answer arrives at
/// some later one, or never.
struct operation {
    operation(boost::asio::io_context& io, int daemon_)
        : wake(io, std::chrono::steady_clock::time_point::max()), daemon(daemon_) {}
    boost::asio::steady_timer wake;
    std::function<void()> perform;
    int daemon;
    bool performed = false;
    bool delivered = false;
};

struct world {
    boost::asio::io_context io;
    model::registry_tree tree;
    std::string mark = "first";
    std::vector<std::string> changes; ///< that the CIB took
    bool cib_refuses = false;
    std::deque<std::shared_ptr<operation>> operations;
    std::vector<bool> dead = std::vector<bool>(8);

    boost::asio::awaitable<void> happens(int daemon, std::function<void()> perform) {
        const auto o = std::make_shared<operation>(io, daemon);
        o->perform = std::move(perform);
        operations.push_back(o);
        auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
        co_await o->wake.async_wait(token);
    }

    void change_cib(const std::string& expected, const std::string& next, const std::string& xml,
                    cib_change_result& result) {
        if (mark != expected) {
            result = cib_change_result::other_mark;
        } else if (cib_refuses && !xml.empty()) {
            result = cib_change_result::refused;
        } else {
            mark = next;
            if (!xml.empty())
                changes.push_back(xml);
            result = cib_change_result::applied;
        }
    }
};

class fake_registry final : public ports::registry {
public:
    fake_registry(world& w, int daemon) : world_(w), daemon_(daemon) {}

    const model::registry_tree& tree() const override { return world_.tree; }
    boost::asio::awaitable<registry_errc> readable() override { co_return registry_errc::none; }
    boost::asio::awaitable<model::registry_outcome> commit(model::registry_batch batch) override {
        const auto result = std::make_shared<model::registry_outcome>();
        auto happening = world_.happens(
            daemon_, [w = &world_, batch, result] { *result = apply_guarded(w->tree, batch); });
        co_await std::move(happening);
        co_return *result;
    }
    void watch(handler) override {}
    ports::registry_status status() const override { return {}; }

private:
    world& world_;
    int daemon_;
};

class fake_cib final : public ports::marked_cib {
public:
    fake_cib(world& w, int daemon) : world_(w), daemon_(daemon) {}

    boost::asio::awaitable<std::optional<std::string>> mark() override {
        const auto result = std::make_shared<std::string>();
        auto happening = world_.happens(daemon_, [w = &world_, result] { *result = w->mark; });
        co_await std::move(happening);
        co_return *result;
    }
    boost::asio::awaitable<cib_change_result> change(std::string expected, std::string next,
                                                     std::string xml) override {
        const auto result = std::make_shared<cib_change_result>(cib_change_result::unknown);
        auto happening = world_.happens(daemon_, [w = &world_, expected, next, xml, result] {
            w->change_cib(expected, next, xml, *result);
        });
        co_await std::move(happening);
        co_return *result;
    }

private:
    world& world_;
    int daemon_;
};

model::registry_batch setting(const std::string& path, const std::string& name) {
    model::registry_command key;
    key.verb = model::registry_verb::create_key;
    key.path = path;
    model::registry_command value = key;
    value.verb = model::registry_verb::set_value;
    value.name = name;
    value.type = model::registry_type::binary;
    value.data = {std::byte{1}};
    model::registry_batch batch;
    batch.commands = {key, value};
    return batch;
}

bool holds_value(const model::registry_tree& tree, const std::string& path,
                 const std::string& name) {
    const auto* key = tree.find(path);
    return key != nullptr && key->find_value(name) != nullptr;
}

/// A daemon with its writer.
struct daemon_part {
    daemon_part(world& w, int number)
        : store(w, number), cib(w, number), writer(store, cib, "daemon" + std::to_string(number)) {}
    fake_registry store;
    fake_cib cib;
    spanning_writer writer;
};

constexpr int writer = 0, settler = 1, spanning_other = 2, last = 3;

struct run_options {
    bool cib_refuses = false;
    bool second_spanning_write = false;
    bool writer_may_die = true;
};

/// One run. `choose(n)` picks one of n things that can happen next.
class scenario {
public:
    scenario(const run_options& options, std::function<std::size_t(std::size_t)> choose)
        : options_(options), choose_(std::move(choose)) {
        w_.cib_refuses = options.cib_refuses;
        for (int i = 0; i <= last; ++i)
            daemons_.push_back(std::make_unique<daemon_part>(w_, i));
    }

    void run() {
        start_write(writer, "<a/>", "A", first_);
        if (options_.second_spanning_write)
            start_write(spanning_other, "<b/>", "B", second_);
        while (step())
            w_.io.poll();
        finish();
    }

private:
    void start_write(int daemon, std::string xml, std::string name,
                     std::optional<spanning_result>& result) {
        boost::asio::co_spawn(
            w_.io,
            daemons_[static_cast<std::size_t>(daemon)]->writer.write(std::move(xml),
                                                                     setting("Key", name)),
            [&result](std::exception_ptr, spanning_result r) { result = std::move(r); });
        w_.io.poll();
    }

    /// False: nothing can happen any more.
    bool step() {
        std::vector<std::function<void()>> possible;
        for (const auto& o : w_.operations) {
            if (!o->performed) // also those of the dead: they were on their way
                possible.emplace_back([o] {
                    o->perform();
                    o->performed = true;
                });
            else if (!o->delivered && !w_.dead[static_cast<std::size_t>(o->daemon)])
                possible.emplace_back([o] {
                    o->delivered = true;
                    o->wake.cancel();
                });
        }
        if (options_.writer_may_die && !w_.dead[writer] && !first_)
            possible.emplace_back([this] { w_.dead[writer] = true; });
        // Suspicion may be wrong: the writer need not be dead.
        if (settlers_ < 1 && pending_intent(w_.tree) != nullptr)
            possible.emplace_back([this] { start_settling(settler); });
        if (!ordinary_)
            possible.emplace_back(
                [this] { ordinary_ = apply_guarded(w_.tree, setting("Other", "C")).code; });
        if (possible.empty())
            return false;
        possible[choose_(possible.size())]();
        return true;
    }

    void start_settling(int daemon) {
        ++settlers_;
        boost::asio::co_spawn(w_.io, daemons_[static_cast<std::size_t>(daemon)]->writer.settle(),
                              [](std::exception_ptr, bool) {});
        w_.io.poll();
    }

    /// A daemon that lives settles what is left; then both homes must agree.
    void finish() {
        start_settling(last);
        for (bool more = true; more;) {
            more = false;
            for (std::size_t i = 0; i < w_.operations.size(); ++i) {
                const auto o = w_.operations[i];
                if (o->delivered || o->daemon != last)
                    continue;
                o->perform();
                o->performed = o->delivered = more = true;
                o->wake.cancel();
                w_.io.poll();
            }
        }
        ASSERT_EQ(pending_intent(w_.tree), nullptr);
        check("<a/>", "A", first_);
        check("<b/>", "B", second_);
        EXPECT_TRUE(ordinary_ == registry_errc::none || ordinary_ == registry_errc::busy);
        EXPECT_EQ(ordinary_ == registry_errc::none, holds_value(w_.tree, "Other", "C"));
    }

    void check(const std::string& xml, const std::string& name,
               const std::optional<spanning_result>& told) const {
        const auto times = std::count(w_.changes.begin(), w_.changes.end(), xml);
        EXPECT_LE(times, 1);
        EXPECT_EQ(times == 1, holds_value(w_.tree, "Key", name))
            << "one home has it, the other not";
        if (!told)
            return;
        if (told->code != spanning_errc::undecided) {
            EXPECT_EQ(times == 1, told->code == spanning_errc::none) << "told otherwise";
        }
    }

    run_options options_;
    std::function<std::size_t(std::size_t)> choose_;
    world w_;
    std::vector<std::unique_ptr<daemon_part>> daemons_;
    std::optional<spanning_result> first_, second_;
    std::optional<registry_errc> ordinary_;
    int settlers_ = 0;
};

/// Runs every order, or stops at `limit`; returns how many.
std::size_t explore(const run_options& options, std::size_t limit) {
    std::vector<std::pair<std::size_t, std::size_t>> path; // choice, of how many
    std::size_t runs = 0;
    do {
        std::size_t depth = 0;
        scenario s(options, [&](std::size_t count) {
            if (depth == path.size())
                path.emplace_back(0, count);
            return path[depth++].first;
        });
        s.run();
        ++runs;
        while (!path.empty() && path.back().first + 1 == path.back().second)
            path.pop_back();
        if (!path.empty())
            ++path.back().first;
    } while (!path.empty() && runs < limit && !testing::Test::HasFailure());
    return runs;
}

void walk(const run_options& options, unsigned seed, int runs) {
    std::mt19937 random(seed);
    for (int i = 0; i < runs && !testing::Test::HasFailure(); ++i) {
        scenario s(options, [&](std::size_t count) { return random() % count; });
        s.run();
    }
}

/// How many orders are tried before random ones; SPANNING_ORDERS=0 tries all.
std::size_t orders() {
    const char* given = std::getenv("SPANNING_ORDERS");
    const auto wanted = given == nullptr ? 10'000 : std::strtoull(given, nullptr, 10);
    return wanted == 0 ? std::numeric_limits<std::size_t>::max() : wanted;
}

TEST(SpanningWrite, ChangesBothHomesOrNoneInEveryOrder) {
    const std::size_t runs = explore({}, orders());
    RecordProperty("orders", static_cast<int>(runs));
    EXPECT_GT(runs, 1000u);
    walk({}, 3, 5'000);
}

TEST(SpanningWrite, ChangesNothingWhenTheCibRefuses) {
    run_options options;
    options.cib_refuses = true;
    explore(options, orders());
    walk(options, 4, 2'000);
}

TEST(SpanningWrite, SharesTheRegistryWithAnotherOne) {
    run_options options;
    options.second_spanning_write = true;
    walk(options, 1, 5'000);
}

TEST(SpanningWrite, SucceedsWhenNobodyDies) {
    run_options options;
    options.writer_may_die = false;
    walk(options, 2, 1'000);
}

TEST(Intent, ComesBackAsItWasEncoded) {
    const intent what{"m", "before", "me", "<cib/>", setting("Key", "A")};
    const auto bytes = encode_intent(what);
    EXPECT_EQ(decode_intent(bytes), what);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(decode_intent(std::span(bytes).first(size))) << size;
}

TEST(Intent, IsRefusedWhenItsBatchWouldNotApply) {
    model::registry_tree tree;
    intent what{"m", "before", "me", "<cib/>", {}};
    model::registry_command missing;
    missing.verb = model::registry_verb::require_key;
    missing.path = "Nowhere";
    what.batch.commands = {missing};
    EXPECT_EQ(apply_guarded(tree, intent_batch(what)).code, registry_errc::guard_failed);
    EXPECT_EQ(pending_intent(tree), nullptr);
}

} // namespace
