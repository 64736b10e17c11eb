// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/presentation.hpp"

#include "bridge/dcerpc/service.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace bridge::dcerpc {

namespace {

// MS-RPCE 2.2.2.14: security context multiplexing, keep the connection when a call is orphaned.
constexpr std::uint16_t supported_features = 0x0003;

/// The bitmask when `syntax` is the pseudo transfer syntax of bind-time feature negotiation
/// (MS-RPCE 3.3.1.5.3).
std::optional<std::uint16_t> requested_features(const syntax_id& syntax) {
    constexpr win32::guid prefix{0x6cb71c2c, 0x9812, 0x4540, {}};
    const auto& uuid = syntax.uuid;
    if (uuid.data1 != prefix.data1 || uuid.data2 != prefix.data2 || uuid.data3 != prefix.data3 ||
        syntax.major_version != 1 || syntax.minor_version != 0) {
        return std::nullopt;
    }
    return static_cast<std::uint16_t>(uuid.data4[0] | (uuid.data4[1] << 8U));
}

bool offers(const context_item& item, const syntax_id& syntax) {
    return std::find(item.transfers.begin(), item.transfers.end(), syntax) != item.transfers.end();
}

/// C706 12.6.4.3: the same major version, and a minor version not above ours.
const interface* find_interface(std::span<const interface* const> interfaces,
                                const syntax_id& abstract) {
    for (const auto* candidate : interfaces) {
        if (candidate->id.uuid == abstract.uuid &&
            candidate->id.major_version == abstract.major_version &&
            candidate->id.minor_version >= abstract.minor_version) {
            return candidate;
        }
    }
    return nullptr;
}

std::optional<transfer_syntax> best_syntax(const context_item& item, bool offer_ndr64) {
    if (offer_ndr64 && offers(item, ndr64_syntax)) {
        return transfer_syntax::ndr64;
    }
    if (offers(item, ndr_syntax)) {
        return transfer_syntax::ndr;
    }
    return std::nullopt;
}

context_result rejection(std::uint16_t reason) {
    return {context_result::verdict::rejected, reason, {}};
}

} // namespace

const presentation* presentation_table::find(std::uint16_t id) const {
    const auto found =
        std::find_if(contexts_.begin(), contexts_.end(), [&](const auto& p) { return p.id == id; });
    return found == contexts_.end() ? nullptr : &*found;
}

context_result presentation_table::judge(const context_item& item,
                                         std::span<const context_item> items,
                                         std::span<const interface* const> interfaces,
                                         bool offer_ndr64, std::vector<const interface*>& taken,
                                         bool& changed) {
    const auto* target = find_interface(interfaces, item.abstract);
    const auto* known = find(item.id);
    if (known != nullptr && known->target != target) {
        changed = true;
        return {};
    }
    if (target == nullptr) {
        return rejection(context_result::reason_abstract_syntax);
    }
    const auto chosen = best_syntax(item, offer_ndr64);
    if (!chosen) {
        return rejection(context_result::reason_transfer_syntaxes);
    }
    if (known != nullptr && known->syntax != *chosen) {
        changed = true;
        return {};
    }
    const bool better_elsewhere =
        *chosen == transfer_syntax::ndr &&
        std::any_of(items.begin(), items.end(), [&](const auto& other) {
            return find_interface(interfaces, other.abstract) == target &&
                   best_syntax(other, offer_ndr64) == transfer_syntax::ndr64;
        });
    if (better_elsewhere || std::find(taken.begin(), taken.end(), target) != taken.end()) {
        return rejection(context_result::reason_transfer_syntaxes);
    }
    if (known == nullptr) {
        if (contexts_.size() >= limit_) {
            return rejection(context_result::reason_local_limit);
        }
        contexts_.push_back({item.id, target, *chosen});
    }
    taken.push_back(target);
    return {context_result::verdict::accepted, context_result::reason_none,
            *chosen == transfer_syntax::ndr64 ? ndr64_syntax : ndr_syntax};
}

presentation_table::outcome
presentation_table::negotiate(std::span<const context_item> items,
                              std::span<const interface* const> interfaces, bool offer_ndr64,
                              std::vector<context_result>& results) {
    std::vector<const interface*> taken;
    bool features_seen = false;
    for (const auto& item : items) {
        // Only the first transfer syntax counts as a request for features.
        const auto features =
            item.transfers.empty() ? std::nullopt : requested_features(item.transfers.front());
        if (features) {
            if (features_seen) {
                return outcome::features_twice;
            }
            features_seen = true;
            results.push_back({context_result::verdict::negotiated,
                               static_cast<std::uint16_t>(*features & supported_features),
                               {}});
            continue;
        }
        bool changed = false;
        results.push_back(judge(item, items, interfaces, offer_ndr64, taken, changed));
        if (changed) {
            return outcome::context_changed;
        }
    }
    return outcome::negotiated;
}

} // namespace bridge::dcerpc
