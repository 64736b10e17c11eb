// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/acquisition.hpp"
#include "sgpr/clock.hpp"
#include "sgpr/defence.hpp"
#include "sgpr/logical_unit.hpp"
#include "sgpr/validate/node_agent.hpp"
#include "sgpr/validate/volumes.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sgpr::validate {

/// Where a local agent gets its disks from: the machine, or fake disks in tests.
class disk_source {
public:
    disk_source() = default;
    disk_source(const disk_source&) = delete;
    disk_source& operator=(const disk_source&) = delete;
    virtual ~disk_source() = default;

    [[nodiscard]] virtual node_facts describe() = 0;
    /// A new transport on that path.
    [[nodiscard]] virtual result<std::unique_ptr<transport>> open(const path_facts& which) = 0;

    struct mounted {
        std::unique_ptr<volumes> what; ///< nothing: see `failed`
        std::optional<problem> failed;
    };
    [[nodiscard]] virtual mounted mount(const disk_facts& which, logical_unit& unit) = 0;
};

struct open_disk;

/// This machine's part: SCSI over `logical_unit`, and it remembers what it left on each disk.
class local_agent final : public node_agent {
public:
    /// Both outlive the agent.
    local_agent(disk_source& source, clock& time);
    ~local_agent() override;

    [[nodiscard]] std::string name() const override;
    [[nodiscard]] answer perform(const request& what) override;

private:
    class no_gate;

    [[nodiscard]] answer describe();
    [[nodiscard]] result<open_disk*> find(const std::string& id);
    [[nodiscard]] result<std::unique_ptr<open_disk>> open(const disk_facts& facts);
    [[nodiscard]] answer on_disk(open_disk& disk, const request& what);
    [[nodiscard]] answer on_path(open_disk& disk, path& on, const request& what);
    [[nodiscard]] answer on_sectors(open_disk& disk, path& on, const request& what);
    [[nodiscard]] answer on_ownership(open_disk& disk, const request& what);
    [[nodiscard]] answer on_volumes(open_disk& disk, const request& what);
    [[nodiscard]] answer begin_ownership(open_disk& disk, key own);
    [[nodiscard]] answer step_ownership(open_disk& disk);
    void end_ownership(open_disk& disk);
    [[nodiscard]] answer clean_up(open_disk& disk);
    [[nodiscard]] answer clean_up_all();

    disk_source& source_;
    clock& time_;
    node_facts facts_;
    bool described_ = false;
    std::map<std::string, std::unique_ptr<open_disk>> open_;
};

} // namespace sgpr::validate
