// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/membership.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bridge::daemon {

/// Which nodes are proven to be dead, from what was fenced and who is in the membership. The
/// registry of two nodes goes on alone by this; so what is not certain proves nothing.
class fencing_proofs {
public:
    using time_point = std::chrono::steady_clock::time_point;

    enum class verdict : std::uint8_t {
        proven,  ///< it was gone already
        waiting, ///< it is proven once the membership is without it, soon
        useless, ///< no node of this name, or it may have been started anew since
    };

    /// The membership as it is from now on; null: unknown.
    void membership(const model::membership* now, time_point at);

    /// A node was fenced with success.
    verdict fenced(std::string_view node, time_point at);

    /// Nodes that are dead and have not come back, for some seconds after that became known.
    std::vector<std::uint32_t> proven(time_point at);

    /// proven() may still name somebody.
    [[nodiscard]] bool pending(time_point at) const;

private:
    struct node {
        std::string name;
        bool joined = false;
        time_point joined_since{};
        time_point leaves_until{}; ///< fenced; proven when it leaves before this
        time_point proven_until{};
    };
    std::map<std::uint32_t, node> nodes_;
};

} // namespace bridge::daemon
