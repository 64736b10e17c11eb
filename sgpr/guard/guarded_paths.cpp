// SPDX-License-Identifier: Apache-2.0
#include "sgpr/guard/guarded_paths.hpp"

#include "sgpr/ownership_timing.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace sgpr::guards {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

namespace {

/// After a device could not be opened; then twice as long each time.
constexpr milliseconds first_wait{250};
/// Of a command to a path that nobody knows yet.
constexpr milliseconds first_command{500};
/// A disk driver lets go of a path before its SCSI device goes, of which no event is listened to.
constexpr milliseconds detached_wait{1000};
/// Without an event: one may have been missed.
constexpr milliseconds unasked{30'000};

fs::path folder_of(const std::string& name) {
    std::error_code error;
    return fs::canonical(fs::path("/sys/class/block") / name / "device", error);
}

} // namespace

guarded_paths::guarded_paths(const guard_options& options, const disk_place& where,
                             logical_unit& unit, clock& time)
    : options_(options), unit_(unit), time_(time) {
    options_.disk = where.id; // the device that named the disk may go
    for (const std::string& name : where.names) {
        const std::string device = device_of(name);
        if (unit_.find_path(device) != nullptr)
            remember(device, name);
    }
}

void guarded_paths::remember(const std::string& device, const std::string& name) {
    const path* const opened = unit_.find_path(device);
    known_[device] = {name, folder_of(name),
                      opened != nullptr ? opened->initiator() : std::nullopt};
}

/// True: a name has another device now, which is opened when the old one is forgotten everywhere.
bool guarded_paths::forget_gone(const std::map<std::string, std::string>& here, time_point now,
                                std::vector<std::string>& changed) {
    bool replaced = false;
    for (auto i = known_.begin(); i != known_.end();) {
        const auto found = here.find(i->first);
        const bool same = found != here.end() && folder_of(found->second) == i->second.folder;
        std::error_code error;
        const bool detached = found == here.end() && fs::exists(i->second.folder, error);
        if (detached)
            due_ = std::min(due_, now + detached_wait);
        if (same || detached) {
            const std::string disk = same ? found->second : std::string();
            const auto port = unit_.find_path(i->first)->initiator();
            const bool back = std::exchange(i->second.disk, disk) != disk && same;
            if ((port && std::exchange(i->second.initiator, port) != port) || back)
                changed.push_back(i->first);
            ++i;
            continue;
        }
        replaced = replaced || found != here.end();
        (void)unit_.remove_path(i->first);
        changed.push_back(i->first);
        i = known_.erase(i);
    }
    return replaced;
}

bool guarded_paths::open_one(const std::string& device) {
    auto opened = open_path(device, time_);
    if (!opened)
        return false;
    // Whoever defends the disk waits for this.
    opened->limit(first_command);
    if (!unit_.add_path(std::move(opened)))
        return false;
    unit_.find_path(device)->limit(ownership_timing{}.command);
    return true;
}

/// At most one that does not open.
void guarded_paths::open_new(const std::map<std::string, std::string>& here, time_point now,
                             std::vector<std::string>& changed) {
    std::erase_if(failed_, [&](const auto& one) { return !here.contains(one.first); });
    bool one_failed = false;
    for (const auto& [device, name] : here) {
        const auto failed = failed_.find(device);
        if (known_.contains(device) || std::ranges::find(changed, device) != changed.end())
            continue;
        if (one_failed || (failed != failed_.end() && now < failed->second.next)) {
            due_ = std::min(due_, one_failed ? now + first_wait : failed->second.next);
            continue;
        }
        if (open_one(device)) {
            remember(device, name);
            changed.push_back(device);
            failed_.erase(device);
            continue;
        }
        one_failed = true;
        trial& next = failed_[device];
        next.wait = std::clamp(2 * next.wait, first_wait, unasked);
        next.next = now + next.wait;
        due_ = std::min(due_, next.next);
    }
}

/// A disk that came is one of ours by what sysfs says of it.
bool guarded_paths::concerns(const device_events::taken& events) const {
    if (events.missed)
        return true;
    return std::ranges::any_of(events.names, [&](const std::string& name) {
        return disk_id(name) == options_.disk || std::ranges::any_of(known_, [&](const auto& one) {
                   return one.second.disk == name;
               });
    });
}

std::vector<std::string> guarded_paths::follow(time_point now) {
    if (concerns(events_.take()))
        due_ = now; // whoever asks the guard after an event is told what comes of it
    std::vector<std::string> changed;
    if (now < due_)
        return changed;
    due_ = now + unasked;
    std::map<std::string, std::string> here; // devices, and their disks' names
    for (const std::string& name : find_disk(options_).names)
        here.emplace(device_of(name), name);
    if (forget_gone(here, now, changed))
        due_ = now;
    open_new(here, now, changed);
    return changed;
}

} // namespace sgpr::guards
