// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The record in the registry of a write that changes the CIB too, from before the CIB is touched
/// until it is settled (spanning_write.hpp). One at a time.
namespace bridge::registry {

/// Where it lies; below a key that clients never see.
inline constexpr std::string_view intent_key = ".clusbridge\\Intent";
inline constexpr std::string_view intent_value = "Pending";
inline constexpr std::size_t max_intent_xml = 256U << 10;
inline constexpr std::size_t max_intent_mark = 128;

struct intent {
    std::string mark;          ///< that the change sets in the CIB; names the intent
    std::string expected_mark; ///< in the CIB before it
    std::string executor;      ///< the daemon that carries it out, for ever unique
    std::string xml;           ///< the change
    model::registry_batch batch;

    bool operator==(const intent&) const = default;
};

/// Larger than a value may be: the registry refuses it as too large.
std::vector<std::byte> encode_intent(const intent& what);
/// nullopt: malformed.
std::optional<intent> decode_intent(std::span<const std::byte> bytes);

/// The value that holds the pending intent; null: none is pending.
const model::registry_value* pending_intent(const model::registry_tree& tree);

/// Commits the intent.
model::registry_batch intent_batch(const intent& what);
/// Settles it: with the batch when the CIB's change was made, else without.
model::registry_batch settling_batch(const intent& what, bool applied);

/// What the replicated state lets through to the tree: everything while no intent is pending, else
/// only what settles it; an intent only when its batch would apply.
model::registry_outcome apply_guarded(model::registry_tree& tree,
                                      const model::registry_batch& batch);

} // namespace bridge::registry
