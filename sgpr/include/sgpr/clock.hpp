// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace sgpr {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// Steady time and the only way to wait.
class clock {
public:
    clock() = default;
    clock(const clock&) = delete;
    clock& operator=(const clock&) = delete;
    virtual ~clock() = default;

    [[nodiscard]] virtual time_point now() const = 0;
    virtual void sleep_for(duration how_long) = 0;
};

/// The machine's.
class system_clock final : public clock {
public:
    [[nodiscard]] time_point now() const override;
    void sleep_for(duration how_long) override;
};

/// Moves only when told: a test that waits takes no time.
class virtual_clock final : public clock {
public:
    [[nodiscard]] time_point now() const override { return now_; }
    void sleep_for(duration how_long) override { advance(how_long); }
    void advance(duration how_long) { now_ += how_long; }

private:
    time_point now_{};
};

} // namespace sgpr
