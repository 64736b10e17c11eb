// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/call_thread.hpp"

#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <thread>

namespace bridge::corosync {

namespace {

constexpr std::chrono::seconds patience{2};

/// Signals belong to the daemon's own thread.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

} // namespace

call_thread::call_thread() : work_(std::make_shared<shared>()) {
    std::promise<void> ended;
    ended_ = ended.get_future();
    // Not joined: it may never end. It has its own share of what it works on.
    std::thread([work = work_, ended = std::move(ended)]() mutable {
        block_signals();
        work->io.run();
        ended.set_value();
    }).detach();
}

call_thread::~call_thread() {
    work_->guard.reset();
    ended_.wait_for(patience);
    work_->io.stop();
}

} // namespace bridge::corosync
