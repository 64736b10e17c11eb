// SPDX-License-Identifier: Apache-2.0
// The contract on a real logical unit:
//   sgpr_contract TARGET /dev/sgA[,/dev/sgA2...] /dev/sgB[,/dev/sgB2...] [GoogleTest options]
// TARGET names what is known to deviate. Everything on the unit, and every reservation of it, is
// lost.
#include "sgpr/sg_transport.hpp"
#include "tests/contract/sgpr/targets.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <sstream>

namespace contract {
namespace {

using namespace sgpr;

const std::map<std::string, std::set<deviation>> targets{
    {"spc", {}},
    {"lio-iscsi", with(of_lio, of_lio_sessions)},
    {"lio-loopback", with(of_lio, {deviation::preempt_and_abort_hangs})},
    {"tgt", of_tgt},
};

struct arguments {
    std::string target;
    std::vector<std::string> a, b;
};
arguments given;

class device_rig final : public rig {
public:
    device_rig() { deviations = targets.at(given.target); }

    std::vector<std::unique_ptr<path>> open(side whose) override {
        std::vector<std::unique_ptr<path>> paths;
        for (const auto& name : whose == side::a ? given.a : given.b) {
            auto opened = open_sg(name);
            if (!opened) {
                std::fprintf(stderr, "%s: %s\n", name.c_str(), text(opened.error()).c_str());
                return {};
            }
            paths.push_back(std::make_unique<path>(std::move(*opened), time_));
        }
        return paths;
    }

private:
    system_clock time_;
};

std::vector<std::string> split(const std::string& names) {
    std::vector<std::string> all;
    std::istringstream in(names);
    for (std::string one; std::getline(in, one, ',');) {
        all.push_back(one);
    }
    return all;
}

std::string test_name(std::string target) {
    for (auto& c : target) {
        c = c == '-' ? '_' : c;
    }
    return target;
}

} // namespace

std::vector<rig_choice> rigs() {
    return {{test_name(given.target), [] { return std::make_unique<device_rig>(); }}};
}

bool take(int count, char** words) {
    if (count < 4 || !targets.contains(words[1])) {
        return false;
    }
    given = {words[1], split(words[2]), split(words[3])};
    return !given.a.empty() && !given.b.empty();
}

} // namespace contract

int main(int count, char** words) {
    if (!contract::take(count, words)) {
        std::fprintf(stderr, "sgpr_contract spc|lio-iscsi|lio-loopback|tgt A[,A2...] B[,B2...]\n");
        return 2;
    }
    ::testing::InitGoogleTest(&count, words);
    return RUN_ALL_TESTS();
}
