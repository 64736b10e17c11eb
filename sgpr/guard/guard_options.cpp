// SPDX-License-Identifier: Apache-2.0
#include "sgpr/guard/guard_options.hpp"

namespace sgpr::guards {

peer_state told_peers::of(const node_key& peer) const {
    if (peer.cluster != own_.cluster)
        return peer_state::unknown;
    const auto known = peers_.find(peer.node);
    return known == peers_.end() ? peer_state::unknown : known->second;
}

} // namespace sgpr::guards
