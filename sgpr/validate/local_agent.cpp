// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/local_agent.hpp"

#include "sgpr/commands.hpp"
#include "sgpr/validate/open_disk.hpp"
#include "sgpr/withdrawal.hpp"

#include <algorithm>
#include <utility>

namespace sgpr::validate {

local_agent::local_agent(disk_source& source, clock& time) : source_(source), time_(time) {}

local_agent::~local_agent() {
    static_cast<void>(clean_up_all());
}

std::string local_agent::name() const {
    return facts_.name;
}

answer local_agent::describe() {
    // Disks that are open keep their paths: their numbers are the tests'.
    facts_ = source_.describe();
    described_ = true;
    answer got;
    got.facts = facts_;
    return got;
}

result<std::unique_ptr<open_disk>> local_agent::open(const disk_facts& facts) {
    auto opened = std::make_unique<open_disk>();
    opened->facts = facts;
    std::optional<failure> why;
    for (const auto& one : facts.paths) {
        auto nexus = source_.open(one);
        if (!nexus) {
            why = nexus.error();
            continue;
        }
        auto way = std::make_unique<path>(std::move(*nexus), time_);
        if (opened->unit == nullptr) {
            auto unit = logical_unit::open(std::move(way));
            if (!unit) {
                why = unit.error();
                continue;
            }
            opened->unit = std::move(*unit);
        } else if (auto added = opened->unit->add_path(std::move(way)); !added) {
            why = added.error();
        }
    }
    if (opened->unit == nullptr) {
        return why.value_or(failure{errc::gone});
    }
    return opened;
}

result<open_disk*> local_agent::find(const std::string& id) {
    if (const auto at = open_.find(id); at != open_.end()) {
        return at->second.get();
    }
    if (!described_) {
        static_cast<void>(describe());
    }
    const auto* facts = facts_.find(id);
    if (facts == nullptr || id.empty()) {
        return failure{errc::gone};
    }
    auto opened = open(*facts);
    if (!opened) {
        return opened.error();
    }
    return open_.emplace(id, std::move(*opened)).first->second.get();
}

answer local_agent::perform(const request& what) {
    if (what.what == verb::describe) {
        return describe();
    }
    if (what.what == verb::clean_up && what.disk.empty()) {
        return clean_up_all();
    }
    auto disk = find(what.disk);
    if (!disk) {
        return failed_answer(problem_of(disk.error(), "the disk cannot be opened on this node"));
    }
    const auto begin = time_.now();
    auto got = on_disk(**disk, what);
    if (got.duration_us == 0) {
        got.duration_us = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(time_.now() - begin).count());
    }
    return got;
}

answer local_agent::on_disk(open_disk& disk, const request& what) {
    switch (what.what) {
    case verb::own_begin:
    case verb::own_step:
    case verb::own_end:
        return on_ownership(disk, what);
    case verb::online:
    case verb::offline:
    case verb::write_file:
    case verb::verify_file:
    case verb::delete_file:
        return on_volumes(disk, what);
    case verb::attentions: {
        answer got;
        for (const auto& one : disk.unit->take_attentions()) {
            got.attentions.push_back(sgpr::text(one.sense));
        }
        return got;
    }
    case verb::register_all:
        return register_all(disk, what);
    case verb::registered:
        return registered_paths(disk, what.own);
    case verb::clean_up:
        return clean_up(disk);
    default:
        break;
    }
    const auto names = disk.unit->path_names();
    if (what.path >= names.size()) {
        return failed_answer(problem_of(errc::invalid, "the disk has no such path on this node"));
    }
    auto& on = *disk.unit->find_path(names[what.path]);
    const bool sector = what.what == verb::sectors || what.what == verb::read_sector ||
                        what.what == verb::write_sector;
    auto got = sector ? on_sectors(disk, on, what) : on_path(disk, on, what);
    got.duration_us = static_cast<std::uint64_t>(on.last_duration().count());
    return got;
}

answer local_agent::on_path(open_disk& disk, path& on, const request& what) {
    disk.touched = disk.touched || what.what >= verb::register_ignore;
    return perform_on_path(on, what);
}

answer local_agent::on_sectors(open_disk& disk, path& on, const request& what) {
    return perform_on_sectors(disk, on, what);
}

answer local_agent::on_ownership(open_disk& disk, const request& what) {
    if (what.what == verb::own_begin) {
        return begin_ownership(disk, what.own);
    }
    if (what.what == verb::own_end) {
        end_ownership(disk);
        return {};
    }
    return step_ownership(disk);
}

class local_agent::no_gate final : public path_gate {
public:
    void allow(const std::string& /*path*/) override {}
    void block(const std::string& /*path*/) override {}
};

namespace {

/// A validation knows nothing of its peers: every owner is challenged.
class nothing_known final : public peer_knowledge {
public:
    [[nodiscard]] peer_state of(const node_key& /*peer*/) const override {
        return peer_state::unknown;
    }
};

const nothing_known unknown_peers;

std::uint32_t milliseconds_until(time_point at, time_point now) {
    const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(at - now).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(wait, 0, 10'000));
}

} // namespace

answer local_agent::begin_ownership(open_disk& disk, key own) {
    end_ownership(disk);
    disk.touched = true;
    disk.ownership.how.own = own;
    disk.ownership.how.persist = false;
    disk.ownership.state = ownership_state::acquiring;
    disk.ownership.acquiring =
        std::make_unique<acquisition>(*disk.unit, disk.ownership.how, unknown_peers);
    answer got;
    got.ownership = disk.ownership.state;
    return got;
}

answer local_agent::step_ownership(open_disk& disk) {
    static no_gate gate;
    const auto now = time_.now();
    auto& own = disk.ownership;
    answer got;
    got.again_ms = 1000;
    if (own.acquiring) {
        auto next = own.acquiring->step(now);
        if (const auto* again = std::get_if<call_again>(&next)) {
            got.again_ms = milliseconds_until(again->at, now);
        } else if (const auto* ours = std::get_if<owned>(&next)) {
            own.state = ownership_state::owned;
            own.acquiring.reset();
            own.defending = std::make_unique<defence>(*disk.unit, own.how, *ours, gate);
        } else if (const auto* no = std::get_if<refused>(&next)) {
            own.state = ownership_state::refused;
            own.why = sgpr::text(no->why);
            own.acquiring.reset();
        } else if (const auto* error = std::get_if<sgpr::failed>(&next)) {
            own.state = ownership_state::failed;
            own.why = sgpr::text(error->why);
            own.acquiring.reset();
        }
    } else if (own.defending) {
        auto next = own.defending->step(now);
        if (const auto* again = std::get_if<call_again>(&next)) {
            got.again_ms = milliseconds_until(again->at, now);
        } else if (const auto* gone = std::get_if<lost>(&next)) {
            own.state = ownership_state::lost;
            own.why = sgpr::text(gone->why);
            own.defending.reset();
        }
    }
    got.ownership = own.state;
    got.text = own.why;
    return got;
}

void local_agent::end_ownership(open_disk& disk) {
    auto& own = disk.ownership;
    if (own.state == ownership_state::none) {
        return;
    }
    own.acquiring.reset();
    own.defending.reset();
    withdrawal leaving(*disk.unit, own.how);
    constexpr int max_steps = 256;
    for (int i = 0; i < max_steps; ++i) {
        auto next = leaving.step(time_.now());
        const auto* again = std::get_if<call_again>(&next);
        if (again == nullptr) {
            break;
        }
        const auto wait = again->at - time_.now();
        if (wait > duration::zero()) {
            time_.sleep_for(std::min<duration>(wait, std::chrono::seconds(1)));
        }
    }
    own = {};
}

answer local_agent::on_volumes(open_disk& disk, const request& what) {
    answer got;
    if (what.what == verb::online) {
        if (!disk.mounted) {
            auto mounted = source_.mount(disk.facts, *disk.unit);
            disk.mounted = std::move(mounted.what);
            got.failed = std::move(mounted.failed);
        }
        got.numbers = disk.mounted ? disk.mounted->numbers() : std::vector<std::uint64_t>{};
        return got;
    }
    if (!disk.mounted) {
        return what.what == verb::offline
                   ? got
                   : failed_answer(
                         problem_of(errc::not_ready, "the disk is not online on this node"));
    }
    if (what.what == verb::offline) {
        got.failed = disk.mounted->offline();
        disk.mounted.reset();
        return got;
    }
    if (!sane_file_name(what.file) || what.data.size() > max_file_bytes ||
        what.index >= disk.mounted->numbers().size()) {
        return failed_answer(problem_of(errc::invalid, "no such file or volume"));
    }
    got.failed =
        what.what == verb::write_file    ? disk.mounted->write(what.index, what.file, what.data)
        : what.what == verb::verify_file ? disk.mounted->verify(what.index, what.file, what.data)
                                         : disk.mounted->remove(what.index, what.file);
    return got;
}

answer local_agent::clean_up(open_disk& disk) {
    answer got;
    if (disk.mounted) {
        for (std::uint32_t i = 0; i < disk.mounted->numbers().size(); ++i) {
            static_cast<void>(disk.mounted->remove(i, validation_file)); // it may not be there
        }
        got.failed = disk.mounted->offline();
        disk.mounted.reset();
    }
    // The sectors first, while a reservation of ours may still be what lets us write.
    if (auto why = restore_sectors(disk); why && !got.failed) {
        got.failed = std::move(why);
    }
    end_ownership(disk);
    if (!disk.touched) {
        return got;
    }
    request everywhere;
    everywhere.own = no_key;
    auto report = register_all(disk, everywhere);
    got.paths = report.paths;
    if (report.failed && !got.failed) {
        got.failed = std::move(report.failed);
    }
    if (auto why = restore_sectors(disk); why && !got.failed) {
        got.failed = std::move(why);
    }
    disk.touched = report.failed.has_value();
    return got;
}

answer local_agent::clean_up_all() {
    answer got;
    for (auto& [id, disk] : open_) {
        auto one = clean_up(*disk);
        if (one.failed && !got.failed) {
            got.failed = std::move(one.failed);
        }
    }
    return got;
}

} // namespace sgpr::validate
