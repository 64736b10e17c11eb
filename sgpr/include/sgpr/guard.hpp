// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/guard_machine.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace sgpr {

/// Keeps the paths of the machine's disk up with what there is.
class path_watch {
public:
    virtual ~path_watch() = default;
    /// Readable when follow() is to be called; -1: never.
    [[nodiscard]] virtual int descriptor() const = 0;
    /// When follow() is to be called even so.
    [[nodiscard]] virtual time_point due() const = 0;
    /// Takes paths out of the disk that went, and adds those that came; which, and which have
    /// another session now, by path::name(). May send a short command or two to what came.
    virtual std::vector<std::string> follow(time_point now) = 0;
};

struct guard_settings {
    std::filesystem::path socket; ///< status, stop, release (guard_request); also the lock
    bool with_deadman = true;
    /// The disk is owned and may be written: to be told to the service manager.
    std::function<void()> ready;
};

/// The process of one disk: steps a guard_machine on the machine's clock until it ends, answers its
/// socket, takes SIGTERM and SIGINT for "release" (refused while a file system is mounted), and
/// keeps a deadman that stops the host's writes when this process cannot.
///
/// One thread. A SCSI command that hangs holds the loop up for as long as the kernel does, which
/// may be longer than its timeout (its error handling): that is what the deadman is for.
class guard {
public:
    explicit guard(guard_settings settings);

    /// Takes the lock and listens. std::errc::device_or_resource_busy: another guard has this disk.
    /// Do it before the machine is made: who has no lock leaves the disk alone.
    [[nodiscard]] std::error_code open();

    /// `barrier` is the machine's, and so is the disk of `paths`; without, its paths never change.
    /// Blocks SIGTERM and SIGINT for the process.
    [[nodiscard]] guard_end run(guard_machine& machine, write_barrier& barrier,
                                path_watch* paths = nullptr);

    ~guard();
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

/// What `status` answers, as one JSON object: "state", "key", and while owned "owned_for_ms" (until
/// which no other look is needed), "last_look_ms" (ago), "holder", "generation", "paths", counters.
[[nodiscard]] boost::json::object guard_status(const guard_machine& machine, time_point now);

} // namespace sgpr
