// SPDX-License-Identifier: Apache-2.0
// The contract on the unit in memory, once for each kind of target that it can be.
#include "sgpr/fake/disk.hpp"
#include "tests/contract/sgpr/targets.hpp"

namespace contract {
namespace {

using namespace sgpr;

/// Two initiators with two ports each, through two target ports.
class fake_rig final : public rig {
public:
    fake_rig(const fake::profile& target, bool iscsi, std::set<deviation> known)
        : disk_({.target = target}) {
        deviations = std::move(known);
        const std::string a = "iqn.2026-01.example:a";
        const std::string b = "iqn.2026-01.example:b";
        disk_.connect(iscsi ? iscsi_transport_id(a, {0, 2, 0x3d, 0, 0, 1}) : sas_transport_id(0xa1),
                      1, "a1");
        disk_.connect(iscsi ? iscsi_transport_id(a, {0, 2, 0x3d, 0, 0, 2}) : sas_transport_id(0xa2),
                      2, "a2");
        disk_.connect(iscsi ? iscsi_transport_id(b, {0, 2, 0x3d, 0, 0, 3}) : sas_transport_id(0xb1),
                      1, "b1");
        disk_.connect(iscsi ? iscsi_transport_id(b, {0, 2, 0x3d, 0, 0, 4}) : sas_transport_id(0xb2),
                      2, "b2");
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

rig_choice choice(std::string name, const fake::profile& target, bool iscsi,
                  std::set<deviation> known) {
    return {std::move(name), [=] { return std::make_unique<fake_rig>(target, iscsi, known); }};
}

constexpr bool over_sas = false;
constexpr bool over_iscsi = true;

} // namespace

std::vector<rig_choice> rigs() {
    return {
        choice("Sas", fake::profile::strict(), over_sas, {}),
        choice("Iscsi", fake::profile::strict(), over_iscsi, {}),
        choice("LioSas", fake::profile::lio(), over_sas, of_lio),
        choice("LioIscsi", fake::profile::lio(), over_iscsi, with(of_lio, of_lio_sessions)),
        choice("Tgt", fake::profile::tgt(), over_iscsi, of_tgt),
    };
}

} // namespace contract
