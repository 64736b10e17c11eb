// SPDX-License-Identifier: Apache-2.0
#include "sgpr/inventory.hpp"

#include "sgpr/block_stack.hpp"
#include "sgpr/sg_transport.hpp"
#include "sgpr/src/block_devices.hpp"
#include "sgpr/src/disk_interview.hpp"
#include "sgpr/src/disk_use.hpp"
#include "sgpr/src/disk_volumes.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

namespace sgpr {
namespace {

namespace fs = std::filesystem;

bool may_be_asked(const kernel_disk& device) {
    return device.state.empty() || device.state == "running";
}

/// The node that commands go through; empty: neither is here.
fs::path node_of(const kernel_disk& device, const machine& here) {
    std::error_code error;
    for (const auto& name : {device.generic, device.block}) {
        if (!name.empty() && fs::exists(here.dev / name, error))
            return here.dev / name;
    }
    return {};
}

std::string why_not_opened(const failure& problem) {
    return problem.os_error == EACCES || problem.os_error == EPERM
               ? "no permission to open it: be root"
               : text(problem);
}

/// Everything that belongs to one kernel device while disks are put together.
struct candidate {
    kernel_disk device{};
    disk_path path{};
    std::unique_ptr<sgpr::path> open{}; ///< only for devices that are asked
    path_answers answers{};
};

std::optional<skipped_device> open_candidate(candidate& of, const machine& here, clock& time,
                                             inventory_depth depth) {
    const bool known = depth == inventory_depth::names && of.device.page_83;
    if (!of.device.address || known || !of.path.live)
        return std::nullopt;
    auto opened = open_node(here, of.path.node);
    if (!opened)
        return skipped_device{of.device.block, why_not_opened(opened.error())};
    of.open = std::make_unique<sgpr::path>(std::move(*opened), time);
    return std::nullopt;
}

std::optional<skipped_device> prepare(candidate& of, const machine& here, clock& time,
                                      inventory_depth depth) {
    of.path = {.block = of.device.block,
               .generic = of.device.generic,
               .address = of.device.address,
               .node = node_of(of.device, here),
               .state = of.device.state,
               .live = may_be_asked(of.device)};
    if (of.path.node.empty())
        return skipped_device{of.device.block, "there is no device node for it"};
    if (auto why = open_candidate(of, here, time, depth))
        return why;
    if (of.open)
        of.answers = ask_path(*of.open, of.path, depth);
    if (of.answers.designators.empty() && of.device.page_83) {
        if (auto kept = parse_designators(*of.device.page_83))
            of.answers.designators = std::move(*kept);
    }
    return std::nullopt;
}

using group = std::vector<candidate>;

std::vector<group> by_identity(std::vector<candidate> all) {
    std::vector<group> groups;
    std::map<std::string, std::size_t> known;
    for (candidate& one : all) {
        const auto identity = identity_of(one.answers.designators);
        if (identity) {
            const auto [at, added] = known.try_emplace(text(*identity), groups.size());
            if (!added && groups[at->second].size() < logical_unit::max_paths) {
                groups[at->second].push_back(std::move(one));
                continue;
            }
        }
        groups.emplace_back().push_back(std::move(one));
    }
    return groups;
}

bool paths_disagree(const group& paths) {
    const candidate* reference = nullptr;
    for (const candidate& one : paths) {
        if (!one.open || !one.path.live)
            continue;
        if (reference == nullptr)
            reference = &one;
        else if (one.answers.serial != reference->answers.serial ||
                 one.device.bytes != reference->device.bytes)
            return true;
    }
    return false;
}

void add_map(disk& to, const std::vector<multipath_map>& maps) {
    std::size_t covered = 0;
    for (const multipath_map& map : maps) {
        bool here = false;
        for (disk_path& path : to.paths) {
            if (std::ranges::find(map.slaves, path.block) == map.slaves.end())
                continue;
            path.in_map = here = true;
            ++covered;
        }
        if (!here)
            continue;
        to.flags.add_if(to.map.has_value(), disk_flag::collision); // two maps over one disk
        to.flags.add_if(std::ranges::any_of(map.slaves,
                                            [&](const std::string& slave) {
                                                return std::ranges::none_of(
                                                    to.paths, [&](const disk_path& path) {
                                                        return path.block == slave;
                                                    });
                                            }),
                        disk_flag::collision); // one map over two disks
        to.map = map;
    }
    to.flags.add_if(to.map.has_value(), disk_flag::multipath);
    to.flags.add_if(to.paths.size() > 1 && covered < to.paths.size(), disk_flag::redundant);
}

disk assemble(group& paths, const std::vector<multipath_map>& maps) {
    disk made;
    for (const candidate& one : paths)
        made.paths.push_back(one.path);
    made.identity = identity_of(paths.front().answers.designators);
    made.designators = paths.front().answers.designators;
    add_map(made, maps);
    return made;
}

/// What only a full inventory has.
void complete(disk& made, group& paths, const machine& here, const machine_use& use) {
    const auto& first = paths.front().device;
    auto answering =
        std::ranges::find_if(paths, [](const candidate& one) { return one.open && one.path.live; });
    if (answering != paths.end())
        interview(*answering->open, made);
    const candidate& source = answering == paths.end() ? paths.front() : *answering;
    describe_hardware(source.answers, source.device, here, made);
    made.flags.add_if(first.removable, disk_flag::removable);
    made.flags.add_if(!made.identity, disk_flag::no_page_83);
    made.flags.add_if(paths_disagree(paths), disk_flag::collision);
    std::vector<sgpr::path*> live;
    for (candidate& one : paths) {
        if (one.open && one.path.live)
            live.push_back(one.open.get());
    }
    judge_reservations(live, here.ours, made);
    std::vector<std::string> names;
    for (const disk_path& path : made.paths)
        names.push_back(path.block);
    const auto stack = stack_on(here.sysfs, names);
    add_use(use, stack, made);
    look_inside(here, stack, made);
    made.volumes = read_volumes(here, stack, use, made.map ? made.map->name : first.block);
}

/// On the adapter of a disk that the system runs from.
void mark_system_bus(std::vector<disk>& all) {
    std::vector<std::uint32_t> hosts;
    for (const disk& one : all) {
        for (const disk_path& path : one.paths) {
            if (one.flags.has(disk_flag::system) && path.address)
                hosts.push_back(path.address->host);
        }
    }
    for (disk& one : all) {
        one.flags.add_if(std::ranges::any_of(
                             one.paths,
                             [&](const disk_path& path) {
                                 return path.address &&
                                        std::ranges::find(hosts, path.address->host) != hosts.end();
                             }),
                         disk_flag::system_bus);
    }
}

} // namespace

inventory take_inventory(const machine& here, clock& time, inventory_depth depth) {
    inventory found;
    std::vector<candidate> all;
    for (kernel_disk& device : kernel_disks(here.sysfs)) {
        if (all.size() == max_disk_paths) {
            found.skipped.push_back({device.block, "more devices than are looked at"});
            continue;
        }
        candidate one{.device = std::move(device)};
        if (auto why = prepare(one, here, time, depth))
            found.skipped.push_back(std::move(*why));
        else
            all.push_back(std::move(one));
    }
    const auto maps = multipath_maps(here.sysfs);
    const auto use = depth == inventory_depth::full ? read_machine_use(here) : machine_use{};
    for (group& paths : by_identity(std::move(all))) {
        disk made = assemble(paths, maps);
        if (depth == inventory_depth::full)
            complete(made, paths, here, use);
        found.disks.push_back(std::move(made));
    }
    mark_system_bus(found.disks);
    return found;
}

result<opened_unit> open_unit(const disk& which, const machine& here, clock& time) {
    opened_unit opened;
    for (const disk_path& way : which.paths) {
        auto nexus = open_node(here, way.node);
        if (!nexus) {
            opened.left_out.push_back({way.block, nexus.error()});
            continue;
        }
        auto one = std::make_unique<path>(std::move(*nexus), time);
        std::optional<failure> problem;
        if (opened.unit) {
            if (const auto added = opened.unit->add_path(std::move(one)); !added)
                problem = added.error();
        } else if (auto unit = logical_unit::open(std::move(one)); !unit) {
            problem = unit.error();
        } else if (which.identity && (*unit)->identity() != *which.identity) {
            problem = failure{.code = errc::gone}; // another unit has its place
        } else {
            opened.unit = std::move(*unit);
        }
        if (problem)
            opened.left_out.push_back({way.block, *problem});
        else
            opened.names.push_back(way.block);
    }
    if (opened.unit)
        return opened;
    return opened.left_out.empty() ? failure{.code = errc::gone} : opened.left_out.front().problem;
}

} // namespace sgpr
