// SPDX-License-Identifier: Apache-2.0
#include "sgpr/command/application.hpp"

#include "sgpr/persistent_reservation.hpp"
#include "tests/unit/sgpr_inventory/two_path_disk.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <sstream>

namespace sgpr::tests {
namespace {

using namespace sgpr::command_line;

class SgprCommand : public testing::Test {
protected:
    int sgpr(std::vector<std::string> arguments) {
        out.str({});
        err.str({});
        const machine view = t.here.view();
        console with{.out = out, .err = err, .here = view, .time = t.time, .in = &in};
        return run(with, std::move(arguments));
    }

    void give(const std::string& data) {
        in.clear();
        in.str(data);
    }

    bool says(const char* what) const {
        return out.str().find(what) != std::string::npos ||
               err.str().find(what) != std::string::npos;
    }

    void register_other(bool and_reserve) {
        path other(t.disk.open(t.other), t.time);
        ASSERT_TRUE(register_key(other, no_key, key(0xb1)));
        if (and_reserve) {
            ASSERT_TRUE(
                reserve(other, key(0xb1), reservation_type::write_exclusive_registrants_only));
        }
    }

    std::size_t registrations() const { return t.disk.status().registrations.size(); }

    two_path_disk t;
    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in;
};

TEST_F(SgprCommand, ListsDisksAsTableAndAsJson) {
    EXPECT_EQ(sgpr({"list"}), exit_ok);
    EXPECT_TRUE(says(two_path_id.c_str()));
    EXPECT_TRUE(says("redundant"));
    EXPECT_EQ(sgpr({"list", "--json"}), exit_ok);
    const auto all = boost::json::parse(out.str());
    EXPECT_EQ(all.at("disks").as_array().size(), 1U);
    EXPECT_EQ(all.at("disks").at(0).at("paths").as_array().size(), 2U);
    EXPECT_EQ(all.at("disks").at(0).at("blocks").to_number<int>(), 2048);
}

TEST_F(SgprCommand, ShowsWhyADiskIsNotClusterable) {
    EXPECT_EQ(sgpr({"show", "sda"}), exit_ok);
    EXPECT_TRUE(says("start multipathd"));
    EXPECT_TRUE(says("fake-0001"));
}

TEST_F(SgprCommand, RegistersOnEveryPathAndUnregisters) {
    EXPECT_EQ(sgpr({"register", two_path_id, "0xa1"}), exit_ok);
    EXPECT_EQ(registrations(), 2U);
    EXPECT_EQ(sgpr({"register", "sda", "a1"}), exit_ok) << "again is no error";
    EXPECT_EQ(sgpr({"status", "sdb"}), exit_ok);
    EXPECT_TRUE(says("sdb")) << out.str();
    EXPECT_EQ(sgpr({"unregister", "sda", "0xa1"}), exit_ok);
    EXPECT_EQ(registrations(), 0U);
}

TEST_F(SgprCommand, TakesAKeyForTheSameHoweverItIsWritten) {
    EXPECT_EQ(sgpr({"register", "sda", "0xAB"}), exit_ok);
    EXPECT_EQ(sgpr({"register", "sda", "ab"}), exit_ok) << "it has that key already";
    EXPECT_EQ(sgpr({"reserve", "sda", "0X00000000000000ab"}), exit_ok);
    EXPECT_EQ(t.disk.held()->holder, key(0xab));
    EXPECT_EQ(sgpr({"unregister", "sda", "00aB"}), exit_ok);
    EXPECT_EQ(registrations(), 0U);
    for (const char* no_key : {"", "0x", "0xabg", " ab", "-1", "171d ", "0x0000000000000000ab"})
        EXPECT_EQ(sgpr({"register", "sda", no_key}), exit_bad_parameter) << no_key;
}

TEST_F(SgprCommand, DoesNotReplaceAnotherKeyUnlessTold) {
    ASSERT_EQ(sgpr({"register", "sda", "0xa1"}), exit_ok);
    EXPECT_EQ(sgpr({"register", "sda", "0xa2"}), exit_refused);
    EXPECT_TRUE(says("--replace"));
    EXPECT_EQ(t.disk.status().registrations.at(0).registered, key(0xa1));
    EXPECT_EQ(sgpr({"register", "sda", "0xa2", "--replace"}), exit_ok);
    EXPECT_EQ(t.disk.status().registrations.at(0).registered, key(0xa2));
    EXPECT_EQ(registrations(), 2U);
}

TEST_F(SgprCommand, ReservesAndReleasesWhicheverPathHolds) {
    EXPECT_EQ(sgpr({"reserve", "sda", "0xa1"}), exit_refused);
    EXPECT_TRUE(says("sgpr register sda")) << "says what to do first";
    ASSERT_EQ(sgpr({"register", "sda", "0xa1"}), exit_ok);
    path second(t.disk.open(1), t.time);
    ASSERT_TRUE(reserve(second, key(0xa1), reservation_type::write_exclusive_registrants_only));
    EXPECT_EQ(sgpr({"reservation", "sda"}), exit_ok);
    EXPECT_TRUE(says("WERO by 0x00000000000000a1"));
    EXPECT_EQ(sgpr({"release", "sda", "0xa1"}), exit_ok);
    EXPECT_FALSE(t.disk.held());
    EXPECT_EQ(sgpr({"reserve", "sda", "0xa1", "--type", "3"}), exit_ok);
    EXPECT_EQ(t.disk.held()->type, reservation_type::exclusive_access);
    EXPECT_EQ(sgpr({"unregister", "sda", "0xa1"}), exit_ok);
    EXPECT_FALSE(t.disk.held());
}

TEST_F(SgprCommand, RefusesToReserveOrReleaseWhatAnotherHolds) {
    register_other(true);
    ASSERT_EQ(sgpr({"register", "sda", "0xa1"}), exit_ok);
    EXPECT_EQ(sgpr({"reserve", "sda", "0xa1"}), exit_refused);
    EXPECT_EQ(sgpr({"release", "sda", "0xa1"}), exit_refused);
    EXPECT_EQ(t.disk.held()->holder, key(0xb1));
}

TEST_F(SgprCommand, PreemptsAndClearsOnlyWithYes) {
    register_other(true);
    ASSERT_EQ(sgpr({"register", "sda", "0xa1"}), exit_ok);
    EXPECT_EQ(sgpr({"preempt", "sda", "0xa1", "0xb1"}), exit_needs_force);
    EXPECT_EQ(t.disk.held()->holder, key(0xb1));
    EXPECT_EQ(sgpr({"preempt", "sda", "0xa1", "0xb1", "--yes"}), exit_ok);
    EXPECT_EQ(t.disk.held()->holder, key(0xa1));
    EXPECT_EQ(sgpr({"clear", "sda", "0xa1"}), exit_needs_force);
    EXPECT_EQ(registrations(), 2U);
    EXPECT_EQ(sgpr({"clear", "sda", "0xa1", "--yes"}), exit_ok);
    EXPECT_EQ(registrations(), 0U);
}

TEST_F(SgprCommand, ChangesNothingWithAForeignKey) {
    register_other(true);
    for (const char* verb : {"reserve", "release", "unregister"})
        EXPECT_EQ(sgpr({verb, "sda", "0xb1"}), exit_refused) << verb;
    EXPECT_EQ(sgpr({"clear", "sda", "0xb1", "--yes"}), exit_refused);
    EXPECT_EQ(registrations(), 1U);
    EXPECT_EQ(t.disk.held()->holder, key(0xb1));
}

TEST_F(SgprCommand, WritesAndReadsBlocksThroughAPath) {
    const std::string data = std::string(512, 'a') + std::string(512, 'b');
    give(data);
    ASSERT_EQ(sgpr({"write", "sda", "2046", "--i-know", "--path", "sda"}), exit_ok) << err.str();
    EXPECT_EQ(sgpr({"read", two_path_id, "2046", "--count", "2", "--path", "sdb", "--fua"}),
              exit_ok);
    EXPECT_EQ(out.str(), data);
    EXPECT_EQ(sgpr({"read", "sda", "2047", "--json"}), exit_ok);
    const auto told = boost::json::parse(out.str());
    EXPECT_EQ(told.at("data").as_string().size(), 1024U);
    EXPECT_EQ(told.at("data").as_string().subview(0, 4), "6262");
}

TEST_F(SgprCommand, WritesNothingByMistake) {
    give(std::string(512, 'x'));
    EXPECT_EQ(sgpr({"write", "sda", "0"}), exit_needs_force);
    give("half a block");
    EXPECT_EQ(sgpr({"write", "sda", "0", "--i-know"}), exit_bad_parameter);
    EXPECT_TRUE(says("12 bytes"));
    give(std::string(1024, 'x'));
    EXPECT_EQ(sgpr({"write", "sda", "2047", "--i-know"}), exit_bad_parameter) << "past the end";
    give(std::string((1 << 20) + 512, 'x'));
    EXPECT_EQ(sgpr({"write", "sda", "0", "--i-know"}), exit_bad_parameter) << "too much";
    give("");
    EXPECT_EQ(sgpr({"write", "sda", "0", "--i-know"}), exit_bad_parameter);
    give(std::string(512, 'x'));
    EXPECT_EQ(sgpr({"write", "sda", "0", "--i-know", "--path", "sdz"}), exit_no_such_object);
    EXPECT_EQ(sgpr({"read", "sda", "2048"}), exit_bad_parameter);
    EXPECT_EQ(sgpr({"read", "sda", "0", "--count", "0"}), exit_bad_parameter);
    ASSERT_EQ(sgpr({"read", "sda", "0"}), exit_ok);
    EXPECT_EQ(out.str(), std::string(512, '\0'));
}

TEST_F(SgprCommand, LeavesAMountedDiskAlone) {
    t.here.write("proc/self/mountinfo", "30 1 8:0 / /data rw - ext4 /dev/sda rw\n");
    give(std::string(512, 'x'));
    EXPECT_EQ(sgpr({"write", "sda", "0", "--i-know"}), exit_refused);
    EXPECT_TRUE(says("left alone"));
}

TEST_F(SgprCommand, DoesNotWriteWhatAnotherHasReserved) {
    register_other(true);
    give(std::string(512, 'x'));
    EXPECT_EQ(sgpr({"write", "sda", "0", "--i-know"}), exit_refused);
}

TEST_F(SgprCommand, PrintsChangesWhileItWatches) {
    register_other(false);
    EXPECT_EQ(sgpr({"watch", "sda", "--count", "3"}), exit_ok);
    EXPECT_TRUE(says("+0x00000000000000b1"));
    EXPECT_EQ(out.str().find('\n'), out.str().size() - 1) << "nothing changed after the first look";
}

TEST_F(SgprCommand, TellsUsageFromUnknownDisksAndBadKeys) {
    EXPECT_EQ(sgpr({}), exit_usage);
    EXPECT_EQ(sgpr({"format", "sda"}), exit_usage);
    EXPECT_EQ(sgpr({"keys", "sdz"}), exit_no_such_object);
    EXPECT_EQ(sgpr({"register", "sda", "0"}), exit_bad_parameter);
    EXPECT_EQ(sgpr({"register", "sda", "0x12345678901234567"}), exit_bad_parameter);
    EXPECT_EQ(sgpr({"reserve", "sda", "0xa1", "--type", "2"}), exit_bad_parameter);
    EXPECT_EQ(registrations(), 0U);
}

} // namespace
} // namespace sgpr::tests
