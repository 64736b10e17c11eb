// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/clock.hpp"
#include "sgpr/failure.hpp"
#include "sgpr/transport.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sgpr {

/// What a unit attention (SPC-4 5.14) told, as far as anyone here acts on it.
enum class attention_kind {
    reset,        ///< 29/xx: power on, reset, nexus loss; reservations without APTPL may be gone
    mode_changed, ///< 2A/01
    reservations_preempted,  ///< 2A/03
    reservations_released,   ///< 2A/04
    registrations_preempted, ///< 2A/05
    capacity_changed,        ///< 2A/09
    access_state_changed,    ///< 2A/06, 2A/07
    luns_changed,            ///< 3F/0E
    inquiry_changed,         ///< 3F/03
    thin_threshold,          ///< 38/07
    other,
};

[[nodiscard]] attention_kind classify_attention(const sense_data& sense);

struct attention {
    attention_kind kind = attention_kind::other;
    sense_data sense{};
    time_point at{};
};

/// Whether a command still runs after the device said that our registration was preempted (2A/05).
enum class when_preempted {
    retry, ///< as after any other unit attention: recorded, then sent again
    fail,  ///< errc::registrations_preempted; the command was not carried out
};

/// One nexus with the habits that every command needs. Not for two threads at once.
class path {
public:
    /// Unit attentions that one command may meet before it fails with errc::aborted: one a queued
    /// condition.
    static constexpr int max_attentions = 5;
    /// Attentions kept until somebody takes them; older ones give way.
    static constexpr std::size_t attentions_kept = 32;
    /// Waits after BUSY, TASK SET FULL and "becoming ready": 7 of them, 20 ms and then twice as
    /// long each, 2.54 s in all, and none that would end after the command's timeout.
    static constexpr int max_busy_retries = 7;
    static constexpr std::chrono::milliseconds first_busy_wait{20};

    /// `time` outlives the path.
    path(std::unique_ptr<transport> nexus, clock& time);
    path(const path&) = delete;
    path& operator=(const path&) = delete;

    /// Carries one command out and answers what it read (at most data_in_length bytes; the device
    /// may send fewer). After a unit attention, which says that the command was not carried out, it
    /// is sent again and the attention is recorded. After errc::timeout and errc::transport nobody
    /// knows whether it was carried out: it is not sent again.
    [[nodiscard]] result<bytes> execute(const command& what,
                                        when_preempted preempted = when_preempted::retry);

    /// Recorded since the last take, oldest first.
    [[nodiscard]] const std::vector<attention>& attentions() const { return attentions_; }
    [[nodiscard]] std::vector<attention> take_attentions();

    /// From now on no command gets more time than this, whatever its own timeout is.
    void limit(std::chrono::milliseconds most) { most_ = most; }

    [[nodiscard]] std::string name() const { return nexus_->name(); }
    [[nodiscard]] std::optional<transport_id> initiator() const { return nexus_->initiator(); }

    /// Relative target port identifier of the port that this path goes through, from VPD page 83h;
    /// nothing inside if the device does not tell. Read once and kept.
    [[nodiscard]] result<std::optional<std::uint16_t>> target_port();

    /// Of the last command, all retries together.
    [[nodiscard]] std::chrono::microseconds last_duration() const { return last_duration_; }

    [[nodiscard]] clock& time() const { return time_; }

private:
    struct attempt;
    [[nodiscard]] result<bytes> carry_out(const command& what, when_preempted preempted);
    [[nodiscard]] bool wait_before_retry(attempt& state) const;
    void record(const sense_data& sense);

    std::unique_ptr<transport> nexus_;
    clock& time_;
    std::vector<attention> attentions_;
    std::optional<std::optional<std::uint16_t>> target_port_;
    std::chrono::microseconds last_duration_{0};
    std::chrono::milliseconds most_ = std::chrono::milliseconds::max();
};

/// What one outcome means: nothing for a command that was carried out, else why not. Pure; retries
/// are path::execute's. A unit attention is errc::registrations_preempted or errc::aborted, with
/// its sense.
[[nodiscard]] std::optional<failure> failure_of(const outcome& what);

} // namespace sgpr
