// SPDX-License-Identifier: Apache-2.0
// The contract on the unit in memory, once for each kind of target that it can be.
#include "sgpr/fake/disk.hpp"
#include "tests/contract/sgpr/rig.hpp"

namespace contract {
namespace {

using namespace sgpr;

/// Two initiators with two ports each, through two target ports.
class fake_rig final : public rig {
public:
    fake_rig(const fake::profile& target, std::set<deviation> known) : disk_({.target = target}) {
        deviations = std::move(known);
        disk_.connect(sas_transport_id(0x60014050000000a1), 1, "a1");
        disk_.connect(sas_transport_id(0x60014050000000a2), 2, "a2");
        disk_.connect(iscsi_transport_id("iqn.2026-01.example:b", {0, 2, 0x3d, 0, 0, 1}), 1, "b1");
        disk_.connect(iscsi_transport_id("iqn.2026-01.example:b", {0, 2, 0x3d, 0, 0, 2}), 2, "b2");
    }

    std::vector<std::unique_ptr<path>> open(side whose) override {
        std::vector<std::unique_ptr<path>> paths;
        for (fake::nexus_number i = 0; i < 2; ++i) {
            paths.push_back(
                std::make_unique<path>(disk_.open(i + (whose == side::b ? 2 : 0)), time_));
        }
        return paths;
    }

private:
    fake::disk disk_;
    virtual_clock time_;
};

rig_choice choice(std::string name, const fake::profile& target, std::set<deviation> known) {
    return {std::move(name), [target, known] { return std::make_unique<fake_rig>(target, known); }};
}

} // namespace

std::vector<rig_choice> rigs() {
    // A target whose initiator ports are also checked by name would let b2 in for b1: not part of
    // this.
    auto lio = fake::profile::lio();
    lio.new_session_may_write = false;
    return {
        choice("Strict", fake::profile::strict(), {}),
        choice("Lio", lio,
               {deviation::not_ready_if_unregistered, deviation::conflict_on_wrong_release}),
        choice("Tgt", fake::profile::tgt(),
               {deviation::no_full_status, deviation::no_preempt_and_abort,
                deviation::no_persistence}),
    };
}

} // namespace contract
