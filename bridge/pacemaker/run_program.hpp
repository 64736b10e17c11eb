// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace bridge::pacemaker {

/// Lets another thread end what run_program() waits for.
class stop_event {
public:
    stop_event();
    ~stop_event();
    stop_event(const stop_event&) = delete;
    stop_event& operator=(const stop_event&) = delete;

    void set() const;
    [[nodiscard]] bool is_set() const;
    [[nodiscard]] int fd() const { return fd_; }

private:
    int fd_;
};

/// A program with fixed arguments: no shell, no inherited descriptors, an environment of its own, a
/// process group of its own that is killed when the time is over.
struct program {
    std::vector<std::string> arguments; ///< [0] is an absolute path
    std::chrono::milliseconds timeout{20000};
    std::size_t max_output = 1U << 20;
};

/// What it wrote to standard output; nullopt when it could not start, failed, was stopped, took too
/// long or wrote too much. Blocks: for worker threads only.
std::optional<std::string> run_program(const program& what, const stop_event& stop);

} // namespace bridge::pacemaker
