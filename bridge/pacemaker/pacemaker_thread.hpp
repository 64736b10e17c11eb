// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>

struct _GMainLoop;

namespace bridge::pacemaker {

/// The thread that owns GLib's default main context and with it everything of Pacemaker. One per
/// process.
class pacemaker_thread {
public:
    using task = std::function<void()>;

    /// `begin` runs first on the new thread, `end` last.
    pacemaker_thread(task begin, task end);
    /// Runs what was posted before, then `end`, then joins. Waits as long as a running library call
    /// takes.
    ~pacemaker_thread();
    pacemaker_thread(const pacemaker_thread&) = delete;
    pacemaker_thread& operator=(const pacemaker_thread&) = delete;

    /// Runs `work` on the thread, in order. Callable from every thread; never runs it in place.
    void post(task work);

private:
    _GMainLoop* loop_;
    std::thread thread_;
};

} // namespace bridge::pacemaker
