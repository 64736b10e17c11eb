// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sgpr_validate/fake_cluster.hpp"

#include "sgpr/commands.hpp"
#include "sgpr/vpd.hpp"

#include <algorithm>

namespace sgpr::validate::testing {
namespace {

constexpr std::uint64_t file_block = 3000; // behind the gap that the sectors are taken from

/// One file of at most 64 blocks at a fixed place, written past every cache.
class fake_volumes final : public volumes {
public:
    explicit fake_volumes(logical_unit& unit) : unit_(unit) {}
    std::vector<std::uint64_t> numbers() const override { return {1}; }
    std::optional<problem> write(std::uint32_t, const std::string&, byte_view data) override {
        const auto done = write_blocks(on(), size_, file_block, data);
        return done ? std::nullopt : std::optional(problem_of(done.error()));
    }
    std::optional<problem> verify(std::uint32_t, const std::string&, byte_view data) override {
        const auto read = read_blocks(on(), size_, file_block,
                                      static_cast<std::uint32_t>(data.size() / size_.block_size));
        if (!read) {
            return problem_of(read.error());
        }
        return std::equal(read->begin(), read->end(), data.begin(), data.end())
                   ? std::nullopt
                   : std::optional(problem_of(errc::medium, "other contents"));
    }
    std::optional<problem> remove(std::uint32_t, const std::string&) override {
        const auto done = write_blocks(on(), size_, file_block, bytes(64 * 512));
        return done ? std::nullopt : std::optional(problem_of(done.error()));
    }
    std::optional<problem> offline() override { return std::nullopt; }

private:
    path& on() { return *unit_.find_path(unit_.path_names().front()); }
    logical_unit& unit_;
    capacity size_{.blocks = 4096, .block_size = 512};
};

} // namespace

node_facts fake_source::describe() {
    node_facts node;
    node.name = name;
    for (const auto& one : ways) {
        disk_facts disk;
        disk.style = "GPT";
        disk.blocks = 4096;
        disk.block_size = 512;
        disk.volumes.push_back({.number = 1, .file_system = "ext4", .bytes = 1U << 20});
        for (const auto which : one.nexuses) {
            auto nexus = one.disk->open(which);
            path_facts path;
            path.device = nexus->name();
            sgpr::path on(std::move(nexus), *time);
            disk.serial = path.serial = read_unit_serial(on).value();
            path.blocks = 4096;
            const auto all = read_designators(on).value();
            disk.id = text(*identity_of(all));
            disk.designators = {text(all.front())};
            disk.paths.push_back(path);
        }
        node.disks.push_back(disk);
    }
    if (edit) {
        edit(node);
    }
    return node;
}

result<std::unique_ptr<transport>> fake_source::open(const path_facts& which) {
    for (const auto& one : ways) {
        for (const auto number : one.nexuses) {
            auto nexus = one.disk->open(number);
            if (nexus->name() == which.device) {
                return std::make_unique<faulty_transport>(std::move(nexus), wrong);
            }
        }
    }
    return failure{errc::gone};
}

disk_source::mounted fake_source::mount(const disk_facts& /*which*/, logical_unit& unit) {
    return {std::make_unique<fake_volumes>(unit), std::nullopt};
}

fake_cluster::fake_cluster(std::size_t nodes, std::size_t paths, fake::profile target,
                           std::size_t count) {
    for (std::size_t d = 0; d < count; ++d) {
        fake::settings how{.target = target, .blocks = 4096};
        how.identity = d + 1;
        how.serial = "fake-" + std::to_string(d);
        disks.push_back(std::make_unique<fake::disk>(how));
    }
    for (std::size_t n = 0; n < nodes; ++n) {
        auto source = std::make_unique<fake_source>();
        source->name = "node" + std::to_string(n + 1);
        source->time = &time;
        for (std::size_t d = 0; d < count; ++d) {
            fake_source::way way{.disk = disks[d].get()};
            for (std::size_t p = 0; p < paths; ++p) {
                way.nexuses.push_back(disks[d]->connect(
                    sas_transport_id(0x5000 + 16 * n + p), static_cast<std::uint16_t>(p + 1),
                    "n" + std::to_string(n) + "d" + std::to_string(d) + "p" + std::to_string(p)));
            }
            source->ways.push_back(way);
        }
        agents_.push_back(std::make_unique<local_agent>(*source, time));
        sources.push_back(std::move(source));
    }
}

report fake_cluster::run_all(std::set<std::string> only) {
    std::vector<node_agent*> agents;
    for (const auto& one : agents_) {
        agents.push_back(one.get());
    }
    what.only = std::move(only);
    return run(agents, what, time, stop, tell);
}

test_result fake_cluster::run_one(const std::string& test) {
    const auto done = run_all({test});
    for (const auto& one : done.results) {
        if (one.test == test) {
            return one;
        }
    }
    return {};
}

std::string fake_cluster::id(std::size_t disk) {
    return sources.front()->describe().disks.at(disk).id;
}

bool is_out(const command& what, unsigned service_action) {
    return what.cdb.operation_code() == 0x5f && (what.cdb[1] & 0x1fU) == service_action;
}

bool is_write(const command& what) {
    return what.cdb.operation_code() == 0x2a || what.cdb.operation_code() == 0x8a;
}

bool untouched_but_for_the_file(const fake::disk& disk) {
    const auto& medium = disk.medium();
    return disk.status().registrations.empty() && !disk.held() &&
           std::all_of(medium.begin(), medium.begin() + file_block * 512,
                       [](auto byte) { return byte == 0; });
}

bool untouched(const fake::disk& disk) {
    const auto& medium = disk.medium();
    return disk.status().registrations.empty() && !disk.held() &&
           std::all_of(medium.begin(), medium.end(), [](auto byte) { return byte == 0; });
}

} // namespace sgpr::validate::testing
