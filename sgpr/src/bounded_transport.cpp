// SPDX-License-Identifier: Apache-2.0
#include "sgpr/bounded_transport.hpp"

#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <utility>

namespace sgpr {

struct bounded_transport::shared {
    explicit shared(std::unique_ptr<transport> with) : inner(std::move(with)) {}

    std::unique_ptr<transport> inner; ///< its const members may be called from both threads
    std::mutex lock;
    std::condition_variable changed;
    std::optional<command> asked;    ///< for the thread to take
    std::optional<outcome> answered; ///< for submit() to take
    bool busy = false;               ///< a command is being sent
    bool abandoned = false;          ///< nobody waits for its answer
    bool over = false;
};

namespace {

template <class Shared>
void send_commands(const std::shared_ptr<Shared>& with) {
    std::unique_lock held(with->lock);
    for (;;) {
        with->changed.wait(held, [&] { return with->asked || with->over; });
        if (!with->asked)
            return;
        const command doing = *std::exchange(with->asked, std::nullopt);
        held.unlock();
        outcome got = with->inner->submit(doing);
        held.lock();
        with->busy = false;
        if (!std::exchange(with->abandoned, false))
            with->answered = std::move(got);
        with->changed.notify_all();
    }
}

/// The deadman, a copy of this process, locks all its memory: stacks too.
constexpr std::size_t stack_bytes = 256 * 1024;

/// Detached; signals are for the threads that were there before. False: there is no thread.
template <class Shared>
bool start_sending(std::shared_ptr<Shared> with) {
    ::pthread_attr_t how;
    ::pthread_attr_init(&how);
    ::pthread_attr_setstacksize(&how, stack_bytes);
    ::pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
    ::sigset_t all;
    ::sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    auto argument = std::make_unique<std::shared_ptr<Shared>>(std::move(with));
    const auto body = [](void* given) -> void* {
        const std::unique_ptr<std::shared_ptr<Shared>> mine(
            static_cast<std::shared_ptr<Shared>*>(given));
        send_commands(*mine);
        return nullptr;
    };
    ::pthread_t made{};
    const bool started = ::pthread_create(&made, &how, body, argument.get()) == 0;
    if (started)
        (void)argument.release();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_attr_destroy(&how);
    return started;
}

} // namespace

bounded_transport::bounded_transport(std::unique_ptr<transport> inner)
    : shared_(std::make_shared<shared>(std::move(inner))) {
    started_ = start_sending(shared_);
}

bounded_transport::~bounded_transport() {
    const std::lock_guard held(shared_->lock);
    shared_->over = true;
    shared_->changed.notify_all();
}

outcome bounded_transport::submit(const command& what) {
    if (!started_)
        return shared_->inner->submit(what); // in its own time
    const auto began = std::chrono::steady_clock::now();
    outcome late;
    late.how = delivery::timed_out;
    std::unique_lock held(shared_->lock);
    if (shared_->busy)
        return late;
    shared_->busy = true;
    shared_->asked = what;
    shared_->changed.notify_all();
    if (shared_->changed.wait_for(held, what.timeout + grace,
                                  [&] { return shared_->answered.has_value(); }))
        return *std::exchange(shared_->answered, std::nullopt);
    shared_->abandoned = true;
    late.duration = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - began);
    return late;
}

std::string bounded_transport::name() const {
    return shared_->inner->name();
}

std::optional<transport_id> bounded_transport::initiator() const {
    return shared_->inner->initiator();
}

} // namespace sgpr
