// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/snapshot.hpp"
#include "bridge/pacemaker/shim.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace bridge::pacemaker {

/// Decides when the cluster has settled: the DC's CIB manager has the version of the last change
/// that can start actions, and after that the DC's controller was idle twice
/// (docs/decisions/0001-settled-signal.md). Pure state: each input returns what to do next. Nothing
/// is asked while settled.
class settle_tracker {
public:
    static constexpr std::chrono::milliseconds first_delay{20};
    static constexpr std::chrono::milliseconds longest_delay{500};
    static constexpr std::chrono::milliseconds answer_timeout{2000};
    static constexpr unsigned idle_answers = 2;
    static constexpr unsigned version_attempts = 3; ///< then the controller is asked without it

    enum class ask { nothing, version, state };
    /// `wake`: call timer() after that; it replaces an earlier one. Not set: no timer is needed.
    struct step {
        ask what = ask::nothing;
        std::optional<std::chrono::milliseconds> wake;
    };

    /// The local CIB changed. `has_dc`: somebody is there to be asked.
    step changed(model::cib_version version, cib_scope scope, bool has_dc);
    /// The DC's CIB version; nullopt: no answer.
    step version_answer(std::optional<model::cib_version> version);
    /// Whether the DC's controller is idle; nullopt: no answer.
    step state_answer(std::optional<bool> idle);
    step timer();
    /// Nothing is known any more (connection lost): not settled, nothing pending.
    void reset();

    [[nodiscard]] bool settled() const { return phase_ == phase::settled; }

private:
    enum class phase : std::uint8_t { unknown, settled, resting, asking_version, asking_state };

    step begin_round();
    step rest();
    step go_on();

    phase phase_ = phase::unknown;
    model::cib_version wanted_;
    model::cib_version seen_; ///< newest that the DC was known to have
    bool stale_ = false;      ///< a change came during the running question
    unsigned idle_seen_ = 0;
    unsigned version_failures_ = 0;
    std::chrono::milliseconds delay_ = first_delay;
    std::chrono::milliseconds armed_{0};
};

} // namespace bridge::pacemaker
