// SPDX-License-Identifier: Apache-2.0
// The contract on a real unit without a kernel between, through libiscsi:
//   sgpr_contract_tgt ADDRESS:PORT TARGET LUN [GoogleTest options]
// Everything on the unit, and every reservation of it, is lost.
#include "tests/contract/sgpr/iscsi_transport.hpp"
#include "tests/contract/sgpr/targets.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <cstdio>
#include <cstring>

namespace contract {
namespace {

using namespace sgpr;

iscsi_unit given;

/// Two initiators with two sessions each.
class tgt_rig final : public rig {
public:
    tgt_rig() {
        deviations = of_tgt;
        for (const std::uint16_t qualifier : {1, 2}) {
            a_.push_back(log_in(given, "iqn.2026-01.example:a", qualifier));
            b_.push_back(log_in(given, "iqn.2026-01.example:b", qualifier));
        }
    }

    std::vector<std::unique_ptr<path>> open(side whose) override {
        std::vector<std::unique_ptr<path>> paths;
        for (const auto& session : whose == side::a ? a_ : b_) {
            if (!session) {
                return {};
            }
            paths.push_back(std::make_unique<path>(contract::open(session), time_));
        }
        return paths;
    }

private:
    std::vector<std::shared_ptr<iscsi_session>> a_;
    std::vector<std::shared_ptr<iscsi_session>> b_;
    system_clock time_;
};

bool take(int count, char** words) {
    if (count < 4) {
        return false;
    }
    given = {.portal = words[1], .target = words[2]};
    const auto* end = words[3] + std::strlen(words[3]);
    return std::from_chars(words[3], end, given.lun).ptr == end;
}

} // namespace

std::vector<rig_choice> rigs() {
    return {{"tgt", [] { return std::make_unique<tgt_rig>(); }}};
}

} // namespace contract

int main(int count, char** words) {
    if (!contract::take(count, words)) {
        std::fprintf(stderr, "sgpr_contract_tgt ADDRESS:PORT TARGET LUN\n");
        return 2;
    }
    ::testing::InitGoogleTest(&count, words);
    return RUN_ALL_TESTS();
}
