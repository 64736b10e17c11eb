// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/ownership.hpp"

#include <memory>
#include <optional>
#include <variant>

namespace sgpr {

class logical_unit;

/// The end of a withdrawal. `clean`: the disk showed that nothing is registered or reserved with
/// our key. Else `why` is the last failure; our registration may be left, and the next acquisition
/// of this node, or whoever owns the disk, removes it.
struct withdrawn {
    bool clean = false;
    std::optional<failure> why;
};

/// Leaves a disk, whatever the node's part in it was: owner, challenger, or one that was preempted
/// long ago. RELEASE through the path that holds the reservation (through another it does nothing
/// and is GOOD all the same), every path unregistered, registrations of lost paths and old sessions
/// removed by preempting the own key; then read back. No writer may be left: the disk is free
/// afterwards.
class withdrawal {
public:
    using answer = std::variant<call_again, withdrawn>;

    enum class cache : std::uint8_t { leave, flush };
    static constexpr std::chrono::milliseconds give_up{10'000};

    /// `disk` outlives it.
    withdrawal(logical_unit& disk, const ownership_settings& how, cache first = cache::leave);
    ~withdrawal();
    withdrawal(const withdrawal&) = delete;
    withdrawal& operator=(const withdrawal&) = delete;

    answer step(time_point now);

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace sgpr
