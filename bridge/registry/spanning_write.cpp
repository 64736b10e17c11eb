// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/spanning_write.hpp"

#include <utility>

namespace bridge::registry {

namespace {

using model::registry_errc;
using model::registry_outcome;
using ports::cib_change_result;

constexpr std::string_view given_up = "given-up:";

/// Commands of the settling batch that stand before those of the caller.
constexpr std::size_t own_commands = 2;

/// The outcome of the settling batch, told in terms of the batch inside it.
registry_outcome inner(registry_outcome o) {
    if (o.code != registry_errc::none)
        return o;
    o.created.erase(o.created.begin(), o.created.begin() + own_commands);
    std::erase_if(o.changes, [](const auto& c) { return c.command < own_commands; });
    for (model::registry_change& c : o.changes)
        c.command -= own_commands;
    return o;
}

} // namespace

spanning_writer::spanning_writer(ports::registry& store, ports::marked_cib& cib, std::string self)
    : store_(store), cib_(cib), self_(std::move(self)) {}

boost::asio::awaitable<spanning_result> spanning_writer::write(std::string xml,
                                                               model::registry_batch batch) {
    intent what;
    auto asking = cib_.mark();
    auto mark = co_await std::move(asking);
    if (!mark)
        co_return spanning_result{spanning_errc::cib_refused, {}};
    what.expected_mark = std::move(*mark);
    what.mark = self_ + ":" + std::to_string(++last_);
    what.executor = self_;
    what.xml = std::move(xml);
    what.batch = std::move(batch);
    auto recording = store_.commit(intent_batch(what));
    registry_outcome recorded = co_await std::move(recording);
    if (recorded.code == registry_errc::undecided)
        co_return spanning_result{spanning_errc::undecided, std::move(recorded)};
    if (recorded.code != registry_errc::none)
        co_return spanning_result{spanning_errc::registry_refused, std::move(recorded)};
    auto changing = cib_.change(what.expected_mark, what.mark, what.xml);
    const cib_change_result changed = co_await std::move(changing);
    if (changed == cib_change_result::unknown)
        co_return spanning_result{spanning_errc::undecided, {}};
    auto finishing = finish(std::move(what), changed == cib_change_result::applied);
    spanning_result result = co_await std::move(finishing);
    // Another such write came between the mark and the intent: nothing was done, it may be
    // repeated.
    if (changed == cib_change_result::other_mark && result.code == spanning_errc::cib_refused) {
        result.code = spanning_errc::registry_refused;
        result.outcome.code = registry_errc::busy;
    }
    co_return result;
}

boost::asio::awaitable<spanning_result> spanning_writer::finish(intent what, bool applied) {
    auto settling = store_.commit(settling_batch(what, applied));
    registry_outcome settled = co_await std::move(settling);
    if (settled.code != registry_errc::none) {
        // guard_failed: somebody else settled it, the same way, for the CIB has decided.
        const bool elsewhere = settled.code == registry_errc::guard_failed;
        const auto code = !elsewhere ? spanning_errc::undecided
                          : applied  ? spanning_errc::none
                                     : spanning_errc::cib_refused;
        co_return spanning_result{code, std::move(settled)};
    }
    const auto code = applied ? spanning_errc::none : spanning_errc::cib_refused;
    spanning_result result{code, inner(std::move(settled))};
    co_return result;
}

boost::asio::awaitable<bool> spanning_writer::settle() {
    const model::registry_value* pending = pending_intent(store_.tree());
    if (pending == nullptr)
        co_return true;
    auto what = decode_intent(pending->data);
    if (!what)
        co_return false;
    auto changing = cib_.change(what->expected_mark, std::string(given_up) + what->mark, {});
    const cib_change_result changed = co_await std::move(changing);
    bool applied = false;
    if (changed == cib_change_result::other_mark) {
        auto asking = cib_.mark();
        const auto mark = co_await std::move(asking);
        if (!mark)
            co_return false;
        applied = *mark == what->mark;
        // Neither the intent's mark nor the one that gives it up: a settler before this one may
        // have settled it and something newer followed. Then the guard below fails.
    } else if (changed != cib_change_result::applied) {
        co_return false;
    }
    auto finishing = finish(std::move(*what), applied);
    const spanning_result result = co_await std::move(finishing);
    co_return result.code != spanning_errc::undecided;
}

} // namespace bridge::registry
