// SPDX-License-Identifier: Apache-2.0
// A machine in a group of two whose other member, disk and clock do what the input says: it must
// neither crash nor write a log with a hole, whatever well-formed messages it gets.
#include "bridge/registry/history.hpp"
#include "bridge/registry/message_form.hpp"
#include "bridge/registry/messages.hpp"
#include "bridge/registry/wire.hpp"

#include <cstdlib>
#include <deque>

namespace {

using namespace bridge::registry;

class nothing final : public replicated_state {
public:
    void apply(const log_entry& e) override {
        if (e.index <= last_)
            std::abort();
        last_ = e.index;
    }
    [[nodiscard]] std::array<std::byte, 16> digest() const override { return {}; }
    [[nodiscard]] std::vector<std::byte> save() const override { return {}; }
    bool load(std::span<const std::byte>) override { return true; }

private:
    std::uint64_t last_ = 0;
};

random_id id(int value) {
    random_id r;
    r.fill(static_cast<std::byte>(value));
    return r;
}

struct bench {
    nothing state;
    machine engine;
    time_point now{1'000'000'000};
    std::deque<std::vector<std::byte>> own;
    std::deque<std::uint64_t> writes;
    std::vector<process_id> members{{1, 10}, {2, 20}};
    std::uint64_t sequence = 0;
    epoch_id last_epoch;

    bench() : engine(settings(), blank(), state) {}
    static machine_settings settings() {
        machine_settings s;
        s.seed_lineage = id(9);
        return s;
    }
    static durable_state blank() {
        durable_state d;
        d.store = id(1);
        return d;
    }
    void feed(const input& in) {
        std::vector<action> out;
        engine.step(in, now, out);
        for (action& a : out) {
            if (auto* m = std::get_if<multicast>(&a))
                own.push_back(std::move(m->bytes));
            else if (const auto* w = std::get_if<write_journal>(&a))
                writes.push_back(w->number);
        }
        const durable_state& d = engine.durable();
        for (std::size_t i = 0; i < d.log.size(); ++i)
            if (d.log[i].index != d.trimmed + i + 1)
                std::abort();
    }
    /// A message of the other member that is well-formed: its body comes from the input.
    void peer(wire_reader& r) {
        const auto type = r.integer<std::uint8_t>();
        const auto body = r.take(std::min<std::size_t>(r.integer<std::uint8_t>() * 4U, 800));
        std::vector<std::byte> bytes =
            encode({engine.durable().lineage, epoch(r), 2, id(2), ++sequence}, leave_message{});
        bytes.resize(form::header_bytes);
        bytes[6] = static_cast<std::byte>(1 + type % 13);
        bytes.insert(bytes.end(), body.begin(), body.end());
        form::seal(bytes);
        feed(message_received{{2, 20}, bytes});
    }
    void greeting() {
        join_message j;
        j.store = id(2);
        j.willing = true;
        const auto bytes = encode({{}, {}, 2, id(2), ++sequence}, j);
        feed(message_received{{2, 20}, bytes});
    }
    epoch_id epoch(wire_reader& r) {
        const auto how = r.integer<std::uint8_t>();
        epoch_id e = engine.durable().promised;
        if (how % 4 == 1)
            e = {e.number + 1, 2};
        if (how % 4 == 2)
            e = engine.durable().installed;
        return e;
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    wire_reader r({reinterpret_cast<const std::byte*>(data), size});
    bench b;
    b.feed(nodes_configured{{1, 2}});
    b.feed(joined{{1, 10}, id(3)});
    b.feed(view_changed{{1, 1}, b.members, {}});
    b.feed(quorum_changed{{1, 1}, true, {1, 2}});
    b.greeting();
    for (int steps = 0; steps < 400 && !r.finished() && r.ok(); ++steps) {
        switch (r.integer<std::uint8_t>() % 10) {
        case 0:
            b.now += std::chrono::milliseconds(r.integer<std::uint16_t>());
            b.feed(tick{});
            break;
        case 1:
        case 2:
            if (!b.own.empty()) {
                const auto bytes = std::move(b.own.front());
                b.own.pop_front();
                b.feed(message_received{{1, 10}, bytes});
            }
            break;
        case 3:
        case 4:
            if (!b.writes.empty()) {
                const auto number = b.writes.front();
                b.writes.pop_front();
                const bool full = r.integer<std::uint8_t>() == 0;
                b.feed(journal_done{number, full ? journal_errc::full : journal_errc::none});
            }
            break;
        case 5:
            b.feed(propose{1, std::make_shared<const std::vector<std::byte>>(3)});
            b.feed(read_request{2});
            break;
        case 6:
            b.greeting();
            break;
        case 7:
            b.feed(view_changed{{1, 1}, {{1, 10}}, {{{2, 20}, departure::process_died}}});
            b.feed(quorum_changed{{1, 1}, true, {1}, true});
            b.feed(view_changed{{1, 1}, b.members, {}});
            b.feed(quorum_changed{{1, 1}, true, {1, 2}});
            b.greeting();
            break;
        default:
            b.peer(r);
        }
    }
    return 0;
}
