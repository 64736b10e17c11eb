// SPDX-License-Identifier: Apache-2.0
// Every test of the validation fails, or warns, on the fault that it is for, and passes without it.
#include "tests/unit/sgpr_validate/fake_cluster.hpp"

#include "sgpr/validate/catalog.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace sgpr::validate::testing {
namespace {

outcome good() {
    return {};
}

std::string all_findings(const test_result& of) {
    std::string said = of.test + ": " + std::string(text(of.what));
    for (const auto& one : of.findings) {
        said += "\n  " + one.text;
    }
    return said;
}

void expect_all_pass(fake_cluster& cluster, const std::set<std::string>& but = {}) {
    const auto done = cluster.run_all();
    EXPECT_GT(done.count(verdict::passed), 10U);
    for (const auto& one : done.results) {
        if (!but.contains(one.test)) {
            EXPECT_LE(one.what, verdict::passed) << all_findings(one);
        }
    }
    for (const auto& disk : cluster.disks) {
        EXPECT_TRUE(untouched(*disk));
    }
}

TEST(Validation, PassesOnAStrictTargetFromTwoNodes) {
    fake_cluster cluster(2);
    expect_all_pass(cluster);
}

TEST(Validation, PassesOnAStrictTargetFromThreeNodesWithTwoDisks) {
    fake_cluster cluster(3, 1, fake::profile::strict(), 2);
    expect_all_pass(cluster);
}

TEST(Validation, WarnsOfMissingMultipathMapsOnlyWithTwoPaths) {
    fake_cluster cluster(2, 2);
    expect_all_pass(cluster, {"multipath-consistency"});
    EXPECT_EQ(cluster.run_one("multipath-consistency").what, verdict::warning);
}

TEST(Validation, OnlyWarnsOnATargetLikeLio) {
    fake_cluster cluster(2, 1, fake::profile::lio());
    for (const auto& one : cluster.run_all().results) {
        EXPECT_NE(one.what, verdict::failed) << all_findings(one);
    }
    EXPECT_EQ(cluster.run_one("persistent-reservations").what, verdict::warning);
}

TEST(Validation, ReportsWhatATargetLikeTgtLacks) {
    fake_cluster cluster(2, 1, fake::profile::tgt());
    EXPECT_EQ(cluster.run_one("read-full-status").what, verdict::warning);
    EXPECT_EQ(cluster.run_one("preempt-and-abort").what, verdict::warning);
    EXPECT_EQ(cluster.run_one("persist-through-power-loss").what, verdict::warning);
    EXPECT_EQ(cluster.run_one("persistent-reservations").what, verdict::passed);
    EXPECT_TRUE(untouched(*cluster.disks[0]));
}

struct wrong_target {
    std::string test;
    misbehaviour wrong;
    verdict expected = verdict::failed;
    bool only_second_node = false;
};

void expect_found(const wrong_target& what, std::size_t paths = 1) {
    fake_cluster cluster(2, paths);
    for (auto& one : cluster.sources) {
        if (!what.only_second_node || one == cluster.sources[1]) {
            one->wrong = what.wrong;
        }
    }
    const auto got = cluster.run_one(what.test);
    EXPECT_EQ(got.what, what.expected) << all_findings(got);
}

outcome forgets(const command& sent, const std::function<outcome()>& real) {
    return is_out(sent, 0) || is_out(sent, 6) ? good() : real();
}

outcome enforces_nothing(const command& sent, const std::function<outcome()>& real) {
    auto got = real();
    return is_write(sent) && got.status == scsi_status::reservation_conflict ? good() : got;
}

TEST(Validation, FindsATargetThatForgetsRegistrations) {
    expect_found({"persistent-reservations", forgets});
    expect_found({"per-path-registration", forgets});
    expect_found({"read-full-status", forgets});
    expect_found({"disk-arbitration", forgets});
}

TEST(Validation, FindsATargetThatDoesNotEnforceReservations) {
    expect_found({"persistent-reservations", enforces_nothing});
}

TEST(Validation, FindsATargetThatTellsPathsOfANodeNotApart) {
    expect_found({"per-path-registration", enforces_nothing}, 2);
}

TEST(Validation, FindsATargetWithoutReservations) {
    fake::profile target;
    target.reservations = false;
    fake_cluster cluster(2, 1, target);
    EXPECT_EQ(cluster.run_one("persistent-reservations").what, verdict::failed);
}

TEST(Validation, FindsATargetWhosePreemptDoesNothing) {
    const auto wrong = [](const command& sent, const auto& real) {
        return is_out(sent, 4) || is_out(sent, 5) ? good() : real();
    };
    expect_found({"persistent-reservations", wrong});
    expect_found({"preempt-and-abort", wrong});
}

TEST(Validation, FindsATargetWhoseClearAndReleaseDoNothing) {
    expect_found({"persistent-reservations", [](const command& sent, const auto& real) {
                      return is_out(sent, 3) ? good() : real();
                  }});
    expect_found({"persistent-reservations", [](const command& sent, const auto& real) {
                      return is_out(sent, 2) ? good() : real();
                  }});
}

TEST(Validation, FindsATargetThatLetsASecondNodeReserve) {
    expect_found({"persistent-reservations", [](const command& sent, const auto& real) {
                      auto got = real();
                      return is_out(sent, 1) ? good() : got;
                  }});
}

TEST(Validation, FindsATargetThatRefusesAnOwnersWrites) {
    expect_found({"persistent-reservations", [](const command& sent, const auto& real) {
                      outcome refused;
                      refused.status = scsi_status::reservation_conflict;
                      return is_write(sent) ? refused : real();
                  }});
}

TEST(Validation, FindsATargetThatTellsNoUnitAttentions) {
    expect_found({"unit-attentions",
                  [](const command&, const auto& real) {
                      auto got = real();
                      return got.status == scsi_status::check_condition ? real() : got;
                  },
                  verdict::warning});
}

TEST(Validation, FindsATargetThatAcceptsAptplAndDoesNotKeepIt) {
    // Byte 20 bit 0 of the parameter list never arrives.
    fake_cluster cluster(2);
    cluster.sources[0]->wrong = [&](const command& sent, const auto& real) {
        if (is_out(sent, 6) && !sent.data_out.empty() && (sent.data_out[20] & 1) != 0) {
            auto changed = sent;
            changed.data_out[20] = 0;
            return cluster.disks[0]->open(0)->submit(changed);
        }
        return real();
    };
    EXPECT_EQ(cluster.run_one("persist-through-power-loss").what, verdict::warning);
}

TEST(Validation, FindsNodesThatDoNotReadWhatOthersWrote) {
    const auto stale = [](const command& sent, const auto& real) {
        auto got = real();
        if (sent.cdb.operation_code() == 0x28) {
            std::fill(got.data.begin(), got.data.end(), std::uint8_t{0});
        }
        return got;
    };
    expect_found({"disk-failover", stale, verdict::failed, true});
    fake_cluster cluster(2, 1, fake::profile::strict(), 2);
    cluster.sources[1]->wrong = stale;
    EXPECT_EQ(cluster.run_one("simultaneous-failover").what, verdict::failed);
}

TEST(Validation, FindsPathsThatLeadToDifferentData) {
    expect_found(
        {"multipath-consistency",
         [](const command& sent, const auto& real) { return is_write(sent) ? good() : real(); }},
        2);
}

TEST(Validation, FindsSlowDisks) {
    for (const auto& [wait, expected] :
         {std::pair{std::chrono::milliseconds(400), verdict::warning},
          std::pair{std::chrono::milliseconds(3100), verdict::failed}}) {
        fake_cluster cluster(2);
        cluster.sources[1]->wrong = [&cluster, wait = wait](const command& sent, const auto& real) {
            if (is_write(sent)) {
                cluster.time.advance(wait);
            }
            return real();
        };
        EXPECT_EQ(cluster.run_one("access-latency").what, expected);
    }
}

/// A reservation that each node believes to be its own.
TEST(Validation, FindsTwoOwnersAtOnce) {
    fake_cluster cluster(2);
    fake::disk other({.target = fake::profile::strict(), .blocks = 4096});
    const auto nexus = other.connect(sas_transport_id(0x5010), 1, "n1d0p0");
    cluster.sources[1]->wrong = [&other, nexus](const command& sent, const auto&) {
        return other.open(nexus)->submit(sent); // the same names, another unit
    };
    EXPECT_EQ(cluster.run_one("multiple-arbitration").what, verdict::failed);
    EXPECT_EQ(cluster.run_one("disk-arbitration").what, verdict::failed);
}

using editor = std::function<void(node_facts&)>;

verdict with_facts(const std::string& test, std::size_t node, editor edit) {
    fake_cluster cluster(2, 2);
    cluster.sources[node]->edit = std::move(edit);
    return cluster.run_one(test).what;
}

TEST(Validation, FindsDifferentIdentifiersOnNodes) {
    EXPECT_EQ(with_facts("device-identification", 1,
                         [](node_facts& is) { is.disks[0].designators = {"naa.other"}; }),
              verdict::failed);
    EXPECT_EQ(with_facts("device-identification", 1,
                         [](node_facts& is) { is.disks[0].serial = "other"; }),
              verdict::failed);
}

TEST(Validation, FindsDuplicateIdentifiers) {
    EXPECT_EQ(with_facts("duplicate-identifiers", 0,
                         [](node_facts& is) { is.disks[0].paths[1].serial = "other"; }),
              verdict::failed);
    EXPECT_EQ(with_facts("duplicate-identifiers", 0,
                         [](node_facts& is) { is.disks.push_back(is.disks[0]); }),
              verdict::failed);
    EXPECT_EQ(
        with_facts("duplicate-identifiers", 1, [](node_facts& is) { is.disks[0].blocks = 7; }),
        verdict::failed);
    EXPECT_EQ(with_facts("duplicate-identifiers", 0, [](node_facts&) {}), verdict::passed);
}

TEST(Validation, FindsThatNoDiskIsShared) {
    EXPECT_EQ(with_facts("list-potential-cluster-disks", 1,
                         [](node_facts& is) { is.disks[0].id = "naa.other"; }),
              verdict::failed);
    EXPECT_EQ(with_facts("list-potential-cluster-disks", 1,
                         [](node_facts& is) { is.disks[0].bus = "USB"; }),
              verdict::failed);
    EXPECT_EQ(with_facts("list-disks", 1, [](node_facts& is) { is.disks.clear(); }),
              verdict::failed);
}

TEST(Validation, FindsMapsThatQueueForEver) {
    const auto map = [](bool queues) {
        return with_facts("no-path-retry", 1, [queues](node_facts& is) {
            is.disks[0].multipath = "mpatha";
            is.disks[0].queues_without_path = queues;
        });
    };
    EXPECT_EQ(map(true), verdict::failed);
    EXPECT_EQ(map(false), verdict::passed);
}

TEST(Validation, FindsOtherPartitionsOnANode) {
    EXPECT_EQ(with_facts("file-system", 1,
                         [](node_facts& is) { is.disks[0].volumes[0].file_system = "xfs"; }),
              verdict::failed);
    EXPECT_EQ(with_facts("file-system", 0,
                         [](node_facts& is) { is.disks[0].volumes[0].file_system = "vfat"; }),
              verdict::failed);
}

} // namespace
} // namespace sgpr::validate::testing
