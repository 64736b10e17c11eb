// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage/disk_watch.hpp"

#include <boost/asio/post.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace bridge::storage {

struct disk_watch::core : std::enable_shared_from_this<core> {
    core(boost::asio::io_context& context, settings s) : io(context), how(std::move(s)) {}

    void work(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            // Taken before: what changes during the reading is read again.
            const std::string seen = how.glance ? how.glance() : std::string();
            auto disks = std::make_shared<const model::node_disks>(how.read(stop));
            if (stop.stop_requested())
                return;
            boost::asio::post(io, [self = shared_from_this(), disks = std::move(disks)] {
                if (!self->stopped)
                    self->found(disks);
            });
            wait(stop, seen);
        }
    }

    void wait(const std::stop_token& stop, const std::string& seen) {
        const auto due = std::chrono::steady_clock::now() + how.read_interval;
        while (!stop.stop_requested() && std::chrono::steady_clock::now() < due) {
            const auto step = how.glance ? how.glance_interval : how.read_interval;
            std::unique_lock lock(mutex);
            wake.wait_for(lock, stop, step, [] { return false; });
            lock.unlock();
            if (how.glance && how.glance() != seen)
                return;
        }
    }

    boost::asio::io_context& io;
    settings how;
    handler found;
    bool stopped = false; // the io_context's thread alone
    std::mutex mutex;
    std::condition_variable_any wake; // by a stop alone
    std::jthread worker;
};

disk_watch::disk_watch(boost::asio::io_context& io, settings how)
    : core_(std::make_shared<core>(io, std::move(how))) {}

disk_watch::~disk_watch() {
    stop();
}

void disk_watch::start(handler found) {
    core_->found = std::move(found);
    core_->worker =
        std::jthread([core = core_.get()](const std::stop_token& stop) { core->work(stop); });
}

void disk_watch::stop() {
    core_->stopped = true;
    core_->worker.request_stop();
    if (core_->worker.joinable())
        core_->worker.join();
}

} // namespace bridge::storage
