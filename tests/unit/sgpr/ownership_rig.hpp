// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/acquisition.hpp"
#include "sgpr/clock.hpp"
#include "sgpr/defence.hpp"
#include "sgpr/fake/disk.hpp"
#include "sgpr/logical_unit.hpp"
#include "sgpr/withdrawal.hpp"

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

/// Nodes with paths to one disk in memory, for tests of ownership.
namespace sgpr_test {

using namespace std::chrono_literals;

inline constexpr auto ours = sgpr::reservation_type::write_exclusive_registrants_only;

struct told_peers final : sgpr::peer_knowledge {
    [[nodiscard]] sgpr::peer_state of(const sgpr::node_key& peer) const override {
        const auto found = states.find(sgpr::compose(peer));
        return found == states.end() ? sgpr::peer_state::unknown : found->second;
    }
    std::map<sgpr::key, sgpr::peer_state> states;
};

/// "+a -a": allowed, blocked.
struct noted_gate final : sgpr::path_gate {
    void allow(const std::string& path) override { events += "+" + path + " "; }
    void block(const std::string& path) override { events += "-" + path + " "; }
    std::string events;
};

struct node {
    sgpr::ownership_settings how;
    std::vector<sgpr::fake::nexus_number> nexuses;
    std::unique_ptr<sgpr::logical_unit> unit;
    noted_gate gate;
};

inline sgpr::key key_of(std::uint16_t number, std::uint8_t boot = 1) {
    return sgpr::compose({0xabcdef, number, boot});
}

class rig {
public:
    explicit rig(sgpr::fake::profile target = sgpr::fake::profile::strict())
        : disk(sgpr::fake::settings{.target = target}) {}

    /// Paths are called "a", "b"...
    node make(std::uint16_t number, unsigned paths = 1, std::uint8_t boot = 1) {
        node n;
        n.how.own = key_of(number, boot);
        for (unsigned i = 0; i < paths; ++i) {
            const std::string name(1, static_cast<char>('a' + i));
            const auto session = static_cast<std::uint8_t>(i);
            n.nexuses.push_back(disk.connect(
                sgpr::iscsi_transport_id("iqn.2026-01.example:n" + std::to_string(number),
                                         {0, 2, 0x3d, 0, session, boot}),
                static_cast<std::uint16_t>(1 + i), name));
            auto path = std::make_unique<sgpr::path>(disk.open(n.nexuses.back()), time);
            if (n.unit)
                (void)n.unit->add_path(std::move(path));
            else
                n.unit = *sgpr::logical_unit::open(std::move(path));
        }
        return n;
    }

    /// Steps until the machine ends or `limit` is over; the clock goes along.
    template <class Machine>
    auto run(Machine& machine, sgpr::duration limit = 60s) -> decltype(machine.step({})) {
        const auto end = time.now() + limit;
        auto answer = machine.step(time.now());
        while (const auto* again = std::get_if<sgpr::call_again>(&answer)) {
            if (again->at > end)
                break;
            if (again->at > time.now())
                time.advance(again->at - time.now());
            time.advance(1ms);
            answer = machine.step(time.now());
        }
        return answer;
    }

    sgpr::acquisition::answer acquire(node& n) {
        sgpr::acquisition machine(*n.unit, n.how, peers);
        return run(machine);
    }

    sgpr::owned own(node& n) { return std::get<sgpr::owned>(acquire(n)); }

    [[nodiscard]] std::size_t registrations(sgpr::key of) const {
        std::size_t n = 0;
        for (const auto& r : disk.status().registrations)
            n += r.registered == of ? 1U : 0U;
        return n;
    }
    [[nodiscard]] sgpr::key holder() const {
        return disk.held() ? disk.held()->holder : sgpr::no_key;
    }

    sgpr::fake::disk disk;
    sgpr::virtual_clock time;
    told_peers peers;
};

} // namespace sgpr_test
