// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <memory>
#include <utility>

namespace bridge::corosync {

/// A thread for calls that wait for corosync's answer: while corosync is stopped, or between two
/// memberships, they wait without end, and nothing else may wait with them.
class call_thread {
public:
    call_thread();
    /// Runs what was posted before; leaves the thread to itself when a call does not return soon.
    ~call_thread();
    call_thread(const call_thread&) = delete;
    call_thread& operator=(const call_thread&) = delete;

    /// Of the thread: what it makes may watch descriptors there.
    [[nodiscard]] boost::asio::io_context& io() { return work_->io; }

    /// In order. Callable from every thread.
    template <class Work>
    void post(Work work) {
        boost::asio::post(work_->io, std::move(work));
    }

private:
    struct shared {
        boost::asio::io_context io{1};
        boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{
            io.get_executor()};
    };
    std::shared_ptr<shared> work_;
    std::future<void> ended_;
};

} // namespace bridge::corosync
