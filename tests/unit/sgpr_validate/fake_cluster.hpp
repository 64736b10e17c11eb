// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/fake/disk.hpp"
#include "sgpr/validate/local_agent.hpp"
#include "sgpr/validate/runner.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// Nodes of a cluster over disks in memory, with targets that do wrong in one point each.
namespace sgpr::validate::testing {

/// What a target does wrong; `real` carries the command out.
using misbehaviour = std::function<outcome(const command&, const std::function<outcome()>& real)>;

class faulty_transport final : public transport {
public:
    faulty_transport(std::unique_ptr<transport> real, misbehaviour wrong)
        : real_(std::move(real)), wrong_(std::move(wrong)) {}
    outcome submit(const command& what) override {
        const auto real = [&] { return real_->submit(what); };
        return wrong_ ? wrong_(what, real) : real();
    }
    std::string name() const override { return real_->name(); }
    std::optional<transport_id> initiator() const override { return real_->initiator(); }

private:
    std::unique_ptr<transport> real_;
    misbehaviour wrong_;
};

/// Disks of one node: facts are what the disks tell, changed by `edit`.
class fake_source final : public disk_source {
public:
    struct way {
        fake::disk* disk = nullptr;
        std::vector<fake::nexus_number> nexuses{};
    };
    std::string name{};
    std::vector<way> ways{};
    misbehaviour wrong{};
    std::function<void(node_facts&)> edit{};
    clock* time = nullptr;

    node_facts describe() override;
    result<std::unique_ptr<transport>> open(const path_facts& which) override;
    mounted mount(const disk_facts& which, logical_unit& unit) override;
};

/// `nodes` nodes with `paths` paths each to `disks` disks with one file system each.
class fake_cluster {
public:
    explicit fake_cluster(std::size_t nodes, std::size_t paths = 1,
                          fake::profile target = fake::profile::strict(), std::size_t disks = 1);

    /// Runs `only` (all if empty) and answers its result on the first disk.
    report run_all(std::set<std::string> only = {});
    test_result run_one(const std::string& test);
    [[nodiscard]] std::string id(std::size_t disk = 0);
    [[nodiscard]] node_agent& agent(std::size_t node) { return *agents_[node]; }

    virtual_clock time{};
    std::vector<std::unique_ptr<fake::disk>> disks{};
    std::vector<std::unique_ptr<fake_source>> sources{};
    std::atomic<bool> stop{false};
    plan what{};
    std::function<void(const progress&)> tell = [](const progress&) {};

private:
    std::vector<std::unique_ptr<local_agent>> agents_;
};

[[nodiscard]] bool is_out(const command& what, unsigned service_action);
[[nodiscard]] bool is_write(const command& what);
/// Nothing registered, nothing reserved, the medium all zeros.
[[nodiscard]] bool untouched(const fake::disk& disk);
/// The same, but a run that was stopped between two nodes may leave its file.
[[nodiscard]] bool untouched_but_for_the_file(const fake::disk& disk);

} // namespace sgpr::validate::testing
