// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/ownership/trouble.hpp"

#include <algorithm>

namespace ownership_sim {

using namespace std::chrono_literals;

trouble::trouble(world& w) : world_(w), next_(w.random.between(100, 3000)) {
    if (w.random.percent(8))
        plant_foreign();
}

host& trouble::somebody() {
    return *world_.hosts[world_.random.below(world_.hosts.size())];
}

host* trouble::owner() {
    for (const auto& h : world_.hosts)
        if (h->alive && h->doing == activity::owning)
            return h.get();
    return nullptr;
}

/// Somebody's data from before: reserved with another type, or by other software.
void trouble::plant_foreign() {
    foreign_ = true;
    const auto nexus =
        world_.disk->connect(sgpr::sas_transport_id(0x5000c500deadbeefULL), 1, "foreign");
    sgpr::path path(world_.disk->open(nexus), world_.hosts.front()->time);
    sgpr::key key{0x4d41474943ULL};
    auto type = sgpr::reservation_type::write_exclusive_registrants_only;
    switch (world_.random.below(3)) {
    case 0:
        break;
    case 1: // our own key, as an administrator's tool would leave it
        key = world_.hosts.front()->how.own;
        type = sgpr::reservation_type::exclusive_access_registrants_only;
        break;
    default: // another cluster of this kind
        key = sgpr::compose({0x00beef, 1, 3});
        break;
    }
    // What they answer is not the point: some targets change and answer NOT READY.
    (void)sgpr::register_and_ignore(path, key);
    (void)sgpr::reserve(path, key, type);
    world_.held = world_.disk->held();
    if (!world_.held)
        world_.fail("the foreign reservation could not be made");
}

void trouble::kill_somebody() {
    host* const h = owner() != nullptr && world_.random.percent(70) ? owner() : &somebody();
    if (!h->alive)
        return;
    if (h->doing != activity::owning)
        disturb();
    world_.kill(*h);
    if (world_.random.percent(40))
        world_.fenced.insert(h->how.own.value());
}

void trouble::boot_somebody() {
    for (const auto& h : world_.hosts)
        if (!h->alive && world_.random.percent(60)) {
            world_.boot(*h);
            h->next = world_.now + world_.random.between(1, 6000);
            h->next_write = std::chrono::hours(1000);
            return;
        }
}

/// The guard's process starts anew in the same boot: the same key, nothing remembered.
void trouble::restart_guard() {
    host& h = somebody();
    if (!h.alive || h.frozen(world_.now))
        return;
    disturb();
    world_.kill(h);
    h.alive = true;
    world_.open(h);
    world_.trace(&h, "starts its guard again");
    h.next = world_.now + world_.random.between(1, 2000);
    h.next_write = std::chrono::hours(1000);
}

void trouble::freeze(host& h, milliseconds how_long) {
    disturb();
    h.frozen_until = world_.now + how_long;
    if (world_.random.percent(50)) {
        h.stale_step = true;
        h.stale_now = h.local(world_.now);
    }
    world_.trace(&h, "stops for " + std::to_string(how_long.count()) + " ms");
}

void trouble::freeze_somebody() {
    host* const h = owner() != nullptr && world_.random.percent(80) ? owner() : &somebody();
    if (h->alive && !h->frozen(world_.now))
        freeze(*h, world_.random.between(500, 14000));
}

void trouble::break_path() {
    host& h = somebody();
    const bool careful = world_.settings.sky == weather::windy;
    const bool one_is_down = std::ranges::any_of(h.paths, [](const host_path& p) { return !p.up; });
    if (careful && one_is_down)
        return;
    host_path& p = h.paths[world_.random.below(h.paths.size())];
    p.up = false;
    p.hangs = world_.random.percent(40);
    world_.disk->set_path(p.nexus, false);
    disturb();
    world_.trace(&h, p.name + (p.hangs ? " hangs" : " is down"));
}

void trouble::mend_paths() {
    for (const auto& h : world_.hosts)
        for (host_path& p : h->paths) {
            if (p.up || world_.random.percent(40))
                continue;
            p.up = true;
            p.hangs = false;
            world_.disk->set_path(p.nexus, true);
            world_.trace(h.get(), p.name + " is back");
            // The moment at which a displaced owner would register a path again.
            if (world_.settings.sky == weather::wild && h->alive && h->doing == activity::owning &&
                world_.random.percent(30)) {
                freeze(*h, world_.random.between(7000, 14000));
                h->frozen_until += world_.random.between(0, 100);
            }
        }
}

void trouble::log_in_again() {
    host& h = somebody();
    const std::size_t which = world_.random.below(h.paths.size());
    host_path& p = h.paths[which];
    ++p.session;
    world_.disk->log_in_again(p.nexus,
                              {0, 2, 0x3d, 0, static_cast<std::uint8_t>(which), p.session});
    disturb();
    const bool announced = world_.settings.sky != weather::wild || world_.random.percent(70);
    world_.trace(&h, p.name + " has a new session" + (announced ? "" : ", unannounced"));
    if (announced && h.alive && h.acquisition)
        h.acquisition->path_changed(p.name);
    p.unannounced = !announced || h.frozen(world_.now);
    if (announced && h.alive && h.defence && !h.frozen(world_.now)) {
        h.defence->path_changed(p.name);
        if (h.doing == activity::owning)
            h.next = std::min(h.next, world_.now + 1us);
    }
}

void trouble::storm() {
    host& h = somebody();
    disturb();
    constexpr std::uint8_t kinds[][2] = {{0x29, 0x00}, {0x3f, 0x0e}, {0x2a, 0x01}, {0x3f, 0x03}};
    for (const host_path& p : h.paths)
        for (auto n = world_.random.below(6); n > 0; --n) {
            const auto& kind = kinds[world_.random.below(std::size(kinds))];
            world_.disk->queue_attention(p.nexus, kind[0], kind[1]);
        }
}

void trouble::restart_target() {
    disturb();
    ++world_.restarts;
    world_.last_restart = world_.now;
    world_.disk->power_cycle();
    world_.held = world_.disk->held();
    world_.trace(nullptr, world_.held ? "the target restarts and remembers"
                                      : "the target restarts, nothing is reserved");
}

/// Fencing that says it succeeded and did not: the others preempt an owner that lives.
void trouble::slander() {
    host* const h = owner();
    if (h == nullptr)
        return;
    disturb();
    world_.slandered.insert(h->how.own.value());
    world_.trace(h, "is said to be fenced, and lives");
}

bool trouble::retires(const host& h) {
    return (!foreign_ || world_.epochs > 0) && !h.frozen(world_.now) && world_.random.percent(1);
}

void trouble::happen() {
    const auto sky = world_.settings.sky;
    next_ = world_.now + world_.random.between(200, sky == weather::wild ? 5000 : 9000);
    const auto dice = world_.random.below(100);
    if (dice < 22)
        return kill_somebody();
    if (dice < 42)
        return boot_somebody();
    if (sky == weather::calm)
        return;
    if (dice < 55)
        return break_path();
    if (dice < 70)
        return mend_paths();
    if (dice < 76)
        return log_in_again();
    if (dice < 82)
        return storm();
    if (sky == weather::windy)
        return;
    if (dice < 92)
        return freeze_somebody();
    if (dice < 95)
        return restart_guard();
    if (dice < 97)
        return slander();
    restart_target();
}

} // namespace ownership_sim
