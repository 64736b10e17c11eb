// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/arbitration_sectors.hpp"
#include "sgpr/validate/open_disk.hpp"
#include "sgpr/vpd.hpp"

#include <algorithm>

namespace sgpr::validate {
namespace {

answer of(const result<void>& done) {
    return done ? answer{} : failed_answer(problem_of(done.error()));
}

answer full_status_of(path& on) {
    const auto status = read_full_status(on);
    if (!status) {
        return failed_answer(problem_of(status.error()));
    }
    answer got;
    got.picture = reservation_picture{.generation = status->generation};
    got.picture->registrations = status->registrations;
    for (const auto& one : status->registrations) {
        got.picture->keys.push_back(one.registered);
    }
    return got;
}

template <class Value, class Store>
answer stored(const result<Value>& read, Store store) {
    answer got;
    if (read) {
        store(got, *read);
    } else {
        got.failed = problem_of(read.error());
    }
    return got;
}

/// Reads the place of the sectors once and keeps it.
std::optional<problem> choose_sectors(open_disk& disk, path& on) {
    if (disk.sectors) {
        return std::nullopt;
    }
    const auto size = read_capacity(on);
    if (!size) {
        return problem_of(size.error(), "the capacity cannot be read");
    }
    const auto& volumes = disk.facts.volumes;
    const bool whole = std::any_of(volumes.begin(), volumes.end(), [](const volume_facts& one) {
        return one.number == 0 && !one.file_system.empty();
    });
    auto found = find_arbitration_sectors(on, *size, whole);
    if (auto* why = std::get_if<problem>(&found)) {
        return *why;
    }
    disk.sectors = std::get<std::uint64_t>(found);
    disk.block_size = size->block_size;
    disk.blocks = size->blocks;
    return std::nullopt;
}

result<void> write_zeros(open_disk& disk) {
    const capacity size{.blocks = disk.blocks, .block_size = disk.block_size};
    const bytes zeros(2ULL * disk.block_size);
    result<void> last = failure{errc::gone};
    for (const auto& name : disk.unit->path_names()) {
        last = write_medium(*disk.unit->find_path(name), size, *disk.sectors, zeros);
        if (last) {
            break;
        }
    }
    return last;
}

} // namespace

answer perform_on_path(path& on, const request& what) {
    const register_options options{.persist = what.persist};
    switch (what.what) {
    case verb::page:
        return stored(read_vital_product(on, what.page),
                      [](answer& got, const bytes& page) { got.data = page; });
    case verb::ready:
        return of(test_unit_ready(on));
    case verb::capabilities:
        return stored(report_capabilities(on), [](answer& got, const reservation_capabilities& is) {
            got.capabilities = is;
        });
    case verb::picture:
        return stored(read_picture(on),
                      [](answer& got, const reservation_picture& is) { got.picture = is; });
    case verb::full_status:
        return full_status_of(on);
    case verb::register_ignore:
        return of(register_and_ignore(on, what.own, options));
    case verb::register_key:
        return of(register_key(on, what.own, what.other, options));
    case verb::reserve:
        return of(reserve(on, what.own, what.type));
    case verb::release:
        return of(release(on, what.own, what.type));
    case verb::clear:
        return of(clear(on, what.own));
    case verb::preempt:
        return of(preempt(on, what.own, what.other, what.type));
    case verb::preempt_and_abort:
        return of(preempt_and_abort(on, what.own, what.other, what.type));
    default:
        return failed_answer(problem_of(errc::invalid, "no such verb on a path"));
    }
}

answer perform_on_sectors(open_disk& disk, path& on, const request& what) {
    if (auto why = choose_sectors(disk, on)) {
        return failed_answer(std::move(*why));
    }
    answer got;
    if (what.what == verb::sectors) {
        got.numbers = {*disk.sectors, *disk.sectors + 1};
        return got;
    }
    if (what.index > 1 || what.data.size() > disk.block_size) {
        return failed_answer(
            problem_of(errc::invalid, "no such sector, or more data than fit in it"));
    }
    const capacity size{.blocks = disk.blocks, .block_size = disk.block_size};
    const auto block = *disk.sectors + what.index;
    if (what.what == verb::read_sector) {
        return stored(read_medium(on, size, block, 1),
                      [](answer& to, const bytes& data) { to.data = data; });
    }
    auto padded = what.data;
    padded.resize(disk.block_size);
    disk.written = true;
    return of(write_medium(on, size, block, padded));
}

answer register_all(open_disk& disk, const request& what) {
    disk.touched = true;
    answer got;
    for (const auto& name : disk.unit->path_names()) {
        path_state state{.device = name};
        const auto done =
            register_and_ignore(*disk.unit->find_path(name), what.own, {.persist = what.persist});
        state.registered = done.has_value() == static_cast<bool>(what.own);
        if (!done) {
            state.failed = problem_of(done.error(), name);
            got.failed = got.failed ? got.failed : state.failed;
        }
        got.paths.push_back(std::move(state));
    }
    return got;
}

answer registered_paths(open_disk& disk, key own) {
    answer got;
    for (const auto& name : disk.unit->path_names()) {
        path_state state{.device = name};
        const auto found = find_registration(*disk.unit->find_path(name), own);
        if (found) {
            state.registered = found->registered;
            state.by_nexus = found->how != evidence::by_key;
        } else {
            state.failed = problem_of(found.error(), name);
            got.failed = got.failed ? got.failed : state.failed;
        }
        got.paths.push_back(std::move(state));
    }
    return got;
}

std::optional<problem> restore_sectors(open_disk& disk) {
    if (!disk.written || !disk.sectors) {
        return std::nullopt;
    }
    if (const auto done = write_zeros(disk); !done) {
        return problem_of(done.error(), "two sectors before the first partition could not be "
                                        "set back to zeros");
    }
    disk.written = false;
    return std::nullopt;
}

bool sane_file_name(const std::string& name) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_';
    };
    return !name.empty() && name.size() <= max_file_name && name.front() != '.' &&
           std::all_of(name.begin(), name.end(), plain);
}

} // namespace sgpr::validate
