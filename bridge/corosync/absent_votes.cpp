// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/absent_votes.hpp"

#include <algorithm>

namespace bridge::corosync {

bool absent_dropped(const model::membership& read, const ports::quorum_view& quorum) {
    std::uint32_t joined_votes = 0;
    std::vector<std::uint32_t> joined;
    for (const model::member& m : read.members) {
        joined_votes += m.counted_votes;
        if (m.joined)
            joined.push_back(m.id);
    }
    return quorum.quorate && read.last_man_standing && joined == quorum.nodes &&
           joined_votes == read.votes && read.expected_votes <= read.votes;
}

} // namespace bridge::corosync
