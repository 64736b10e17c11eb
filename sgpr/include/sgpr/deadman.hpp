// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <system_error>

namespace sgpr {

/// Time since boot, time asleep included (CLOCK_BOOTTIME): a host that was suspended has to know
/// that its ownership ran out meanwhile.
std::chrono::nanoseconds since_boot();

/// A second process that stops this host's writing when the first one cannot: it hangs in a SCSI
/// command that the kernel retries for a minute, is stopped, or was killed. The first process says
/// until when it owns the disk; when that time passes without a new one, or the first process ends
/// without disarm(), the second calls what it was given, once, and ends.
///
/// It is a process and no thread because it must outlive the first; it is locked into memory and
/// asks for real-time priority (without it it goes on, later). It ignores SIGTERM, SIGINT and
/// SIGHUP: who wants it to end disarms it. Killed together with the first process by SIGKILL,
/// nothing acts, and only the disk's refusal of our writes is left.
class deadman {
public:
    /// Starts it, unarmed. The copy (fork) has the calling thread only: `act` must need nothing
    /// that another one may hold just now (the C library cares for its own locks). It runs in the
    /// second process, where all descriptors but 0, 1, 2 and `keep` are closed: a lock held through
    /// `keep` is free when both have ended.
    explicit deadman(std::function<void()> act, int keep = -1);
    /// Without disarm(): the second process acts, if it was armed.
    ~deadman();
    deadman(const deadman&) = delete;
    deadman& operator=(const deadman&) = delete;

    /// Why it did not start; no error: it did.
    [[nodiscard]] std::error_code started() const;

    /// Arms it, or moves its time. False: it has ended, thus has acted or was killed.
    [[nodiscard]] bool extend(std::chrono::nanoseconds until_since_boot);

    /// It ends without acting, and is waited for, a second at most. False: it had acted before.
    bool disarm();

    /// Becomes readable when the second process ends.
    [[nodiscard]] int descriptor() const;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace sgpr
