// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage/disk_watch.hpp"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace bridge::storage::test {

namespace {

using namespace std::chrono_literals;

model::node_disks numbered(std::uint32_t number) {
    model::node_disks out;
    out.disks.resize(1);
    out.disks[0].number = number;
    return out;
}

TEST(DiskWatch, HandsOverReadingAfterReadingOnTheLoop) {
    boost::asio::io_context io(1);
    std::uint32_t readings = 0;
    disk_watch watch(io, {.read = [&readings](std::stop_token) { return numbered(++readings); },
                          .read_interval = 0ms});
    std::vector<std::uint32_t> seen;
    auto work = boost::asio::make_work_guard(io);
    watch.start([&](std::shared_ptr<const model::node_disks> disks) {
        seen.push_back(disks->disks.at(0).number);
        if (seen.size() == 3) {
            watch.stop();
            work.reset();
        }
    });
    io.run_for(30s);
    EXPECT_EQ(seen, (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST(DiskWatch, ReadsAtOnceWhenAGlanceShowsAChange) {
    boost::asio::io_context io(1);
    std::uint32_t readings = 0;
    std::atomic<int> looked = 0;
    disk_watch watch(io, {.read = [&readings](std::stop_token) { return numbered(++readings); },
                          .glance = [&looked] { return std::to_string(++looked / 3); },
                          .glance_interval = 1ms,
                          .read_interval = 1h});
    auto work = boost::asio::make_work_guard(io);
    watch.start([&](std::shared_ptr<const model::node_disks> disks) {
        if (disks->disks.at(0).number == 2) {
            watch.stop();
            work.reset();
        }
    });
    io.run_for(30s);
    EXPECT_GE(readings, 2U);
    EXPECT_GE(looked.load(), 3);
}

TEST(DiskWatch, TellsTheReaderToStopAndDeliversNothingThen) {
    boost::asio::io_context io(1);
    std::atomic<bool> reading = false;
    bool told = false;
    disk_watch watch(io, {.read = [&reading](std::stop_token stop) {
                         reading = true;
                         reading.notify_one();
                         while (!stop.stop_requested())
                             std::this_thread::yield();
                         return numbered(1);
                     }});
    watch.start([&told](const std::shared_ptr<const model::node_disks>&) { told = true; });
    reading.wait(false);
    watch.stop();
    io.run_for(1s);
    EXPECT_FALSE(told);
}

} // namespace

} // namespace bridge::storage::test
