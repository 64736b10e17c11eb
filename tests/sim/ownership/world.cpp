// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/ownership/world.hpp"

#include "tests/sim/ownership/oracle.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace ownership_sim {

namespace {

constexpr std::uint32_t cluster = 0x00c1a5;

/// A nexus of the fake disk with the weather on the way.
class weathered final : public sgpr::transport {
public:
    weathered(world& w, host& h, std::string name, std::unique_ptr<sgpr::transport> nexus)
        : world_(w), host_(h), name_(std::move(name)), nexus_(std::move(nexus)) {}

    sgpr::outcome submit(const sgpr::command& what) override {
        return world_.carry(host_, *host_.find(name_), *nexus_, what);
    }
    [[nodiscard]] std::string name() const override { return name_; }
    [[nodiscard]] std::optional<sgpr::transport_id> initiator() const override {
        return nexus_->initiator();
    }

private:
    world& world_;
    host& host_;
    std::string name_;
    std::unique_ptr<sgpr::transport> nexus_;
};

sgpr::initiator_session session_of(std::size_t path, std::uint8_t number) {
    return {0, 2, 0x3d, 0, static_cast<std::uint8_t>(path), number};
}

sgpr::outcome timed_out(host& of, const sgpr::command& what) {
    of.time.sleep_for(what.timeout);
    sgpr::outcome lost;
    lost.how = sgpr::delivery::timed_out;
    return lost;
}

} // namespace

void host::allow(const std::string& path) {
    allowed.insert(path);
    within->trace(this, "allows " + path);
}

void host::block(const std::string& path) {
    allowed.erase(path);
    within->trace(this, "blocks " + path);
}

host_path* host::find(const std::string& name) {
    const auto found = std::ranges::find(paths, name, &host_path::name);
    return found == paths.end() ? nullptr : &*found;
}

world::world(const world_settings& how) : settings(how) {
    random.engine.seed(how.seed * 7919 + 17);
    sgpr::fake::settings target;
    const auto kind = random.below(10);
    if (kind < 3)
        target.target = sgpr::fake::profile::lio();
    else if (kind < 5)
        target.target = sgpr::fake::profile::tgt();
    target.target.not_ready_after_change = random.percent(15);
    persistent = target.target.persistence;
    disk = std::make_unique<sgpr::fake::disk>(target);
    membership = random.percent(50);
    // LIO lets an unregistered session write while another one of its initiator is registered: a
    // host that was displaced and registers too late would open its other paths.
    node_may_write = target.target.node_may_write;
    deadman = node_may_write || random.percent(50);
    if (how.sky != weather::calm) {
        attention_percent = static_cast<unsigned>(random.below(4));
        busy_percent = static_cast<unsigned>(random.below(4));
        timeout_percent = how.sky == weather::wild ? static_cast<unsigned>(random.below(4)) : 0;
        slow_percent = how.sky == weather::wild ? static_cast<unsigned>(random.below(6)) : 0;
    }
    const std::size_t count = 2 + random.below(3);
    for (std::size_t i = 0; i < count; ++i) {
        auto h = std::make_unique<host>();
        h->number = i;
        h->within = this;
        h->rate = 1.0 + (static_cast<double>(random.below(9)) - 4.0) / 1000.0;
        h->zero = std::chrono::seconds(1000 + random.below(100000));
        const std::size_t width = (how.sky == weather::windy ? 2 : 1) + random.below(2);
        for (std::size_t p = 0; p < width; ++p) {
            host_path path;
            path.name = "host" + std::to_string(i) + "/path" + std::to_string(p);
            path.nexus =
                disk->connect(sgpr::iscsi_transport_id(
                                  "iqn.2026-01.example:host" + std::to_string(i), session_of(p, 0)),
                              static_cast<std::uint16_t>(1 + p % 2), path.name);
            h->paths.push_back(path);
        }
        hosts.push_back(std::move(h));
        open(*hosts.back());
    }
}

world::~world() = default;

sgpr::key world::key_of(const host& h, std::uint8_t boot_count) const {
    return sgpr::compose({cluster, static_cast<std::uint16_t>(h.number + 1), boot_count});
}

/// All paths of the host, as its guard opens them at its start.
void world::open(host& h) {
    fair = true;
    h.how.own = key_of(h, h.boot);
    h.unit.reset();
    for (const host_path& p : h.paths) {
        disk->set_path(p.nexus, true); // the identity is known before the weather
        auto made = std::make_unique<sgpr::path>(
            std::make_unique<weathered>(*this, h, p.name, disk->open(p.nexus)), h.time);
        if (!h.unit) {
            auto unit = sgpr::logical_unit::open(std::move(made));
            if (!unit) {
                fail("a unit cannot be opened: " + sgpr::text(unit.error()));
                break;
            }
            h.unit = std::move(*unit);
        } else if (const auto added = h.unit->add_path(std::move(made)); !added) {
            fail("a path cannot be added: " + sgpr::text(added.error()));
        }
        disk->set_path(p.nexus, p.up);
    }
    h.time.spent = {};
    fair = false;
}

void world::boot(host& h) {
    ++h.boot;
    h.alive = true;
    h.frozen_until = world_time{0};
    h.stale_step = false;
    h.doing = activity::off;
    open(h);
    trace(&h, "boots, key " + sgpr::explain(h.how.own));
}

void world::kill(host& h) {
    slandered.erase(h.how.own.value());
    trace(&h, "is killed");
    h.alive = false;
    h.acquisition.reset();
    h.defence.reset();
    h.withdrawal.reset();
    h.allowed.clear();
    h.doing = activity::off;
}

sgpr::peer_state world::of(const sgpr::node_key& peer) const {
    const auto value = sgpr::compose(peer).value();
    if (fenced.contains(value) || slandered.contains(value))
        return sgpr::peer_state::gone;
    const std::size_t number = peer.node - std::size_t{1};
    if (membership && number < hosts.size()) {
        const host& h = *hosts[number];
        if (h.alive && h.boot == peer.boot && h.doing == activity::owning && !h.frozen(now))
            return sgpr::peer_state::alive;
    }
    return sgpr::peer_state::unknown;
}

host* world::host_of(sgpr::key k) {
    for (const auto& h : hosts)
        if (h->how.own == k)
            return h.get();
    return nullptr;
}

bool world::registered_on_disk(const host& h, const std::string& name) const {
    for (const host_path& p : h.paths)
        if (p.name == name) {
            const auto id = disk->open(p.nexus)->initiator();
            const auto port = static_cast<std::uint16_t>(1 + (&p - h.paths.data()) % 2);
            const auto status = disk->status();
            return std::ranges::any_of(status.registrations, [&](const sgpr::registration& r) {
                return r.registered == h.how.own && r.initiator == id &&
                       (r.all_target_ports || r.relative_target_port == port);
            });
        }
    return false;
}

sgpr::outcome world::carry(host& of, host_path& through, sgpr::transport& nexus,
                           const sgpr::command& what) {
    if (fair)
        return nexus.submit(what);
    of.time.sleep_for(std::chrono::microseconds(200 + random.below(8000)));
    if (!through.up && through.hangs)
        return timed_out(of, what);
    if (attention_percent > 0 && random.percent(attention_percent))
        for (auto n = 1 + random.below(3); n > 0; --n)
            disk->queue_attention(through.nexus, 0x3f, 0x0e);
    if (busy_percent > 0 && random.percent(busy_percent)) {
        sgpr::outcome busy;
        busy.status = sgpr::scsi_status::busy;
        return busy;
    }
    delay(of, what);
    const bool lost = timeout_percent > 0 && random.percent(timeout_percent);
    if (lost && random.percent(50))
        return timed_out(of, what);
    sgpr::outcome got = nexus.submit(what);
    of.last_command = now;
    trace_command(of, through, what, got);
    note_holder(of);
    if (lost)
        return timed_out(of, what);
    watch_attention(*this, of, through, got);
    if (slow_percent > 0 && random.percent(slow_percent))
        of.time.sleep_for(
            std::min<sgpr::duration>(random.between(300, 2500), what.timeout - milliseconds(20)));
    return got;
}

/// The host is stopped, or the command is held up, after all that led to it; it is carried out into
/// a world that went on. Registering is where that hurts most.
void world::delay(host& of, const sgpr::command& what) {
    if (settings.sky != weather::wild || under_way || !meanwhile)
        return;
    const bool registers = what.cdb[0] == 0x5f && (what.cdb[1] & 0x1fU) == 0x06;
    if (random.below(1000) >= (registers && of.doing == activity::owning ? 150U : 1U))
        return;
    const milliseconds how_long = random.between(1000, 12000);
    trace(&of, "has a command under way for " + std::to_string(how_long.count()) + " ms");
    last_disturbance = now;
    under_way = of.in_command = true;
    meanwhile(of, how_long);
    under_way = of.in_command = false;
    of.time.start = of.local(now) - of.time.spent;
}

void world::trace_command(const host& of, const host_path& through, const sgpr::command& what,
                          const sgpr::outcome& got) const {
    if (!settings.trace_commands)
        return;
    std::array<char, 80> words{};
    std::snprintf(words.data(), words.size(), "%s %02x/%02x -> status %02x", through.name.c_str(),
                  what.cdb[0], what.cdb[1] & 0x1fU, static_cast<unsigned>(got.status));
    const auto sense = sgpr::parse_sense(got.sense);
    trace(&of, words.data() + (sense ? ", " + sgpr::text(*sense) : std::string()));
}

void world::note_holder(host& by) {
    const auto fresh = disk->held();
    if (fresh == held)
        return;
    const auto before = std::exchange(held, fresh);
    trace(&by, "changes the holder: " + (before ? sgpr::explain(before->holder) : "nobody") +
                   " -> " + (held ? sgpr::explain(held->holder) : "nobody"));
    holder_changed(*this, by, before);
}

void world::fail(const std::string& what) {
    if (!failure)
        failure = what + " at " + std::to_string(now.count() / 1'000'000) + " ms";
}

void world::trace(const host* of, const std::string& what) const {
    if (settings.trace)
        std::printf("%10.3f %-6s %s\n", static_cast<double>(now.count()) / 1e9,
                    of != nullptr ? ("host" + std::to_string(of->number)).c_str() : "world",
                    what.c_str());
}

} // namespace ownership_sim
