// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A whole registry put in place of the running one, at one index of the log and so on all nodes
/// alike: the saved tree is staged in chunks by ordinary batches, then one batch makes every node
/// take it over.
///
/// The running tree is changed to what was saved, not exchanged for it: what is equal in both keeps
/// its times, versions and numbers, and watchers get each difference as a change.
namespace bridge::registry {

/// Where they lie; below a key that clients never see.
inline constexpr std::string_view staged_key = ".clusbridge\\Staged"; ///< a subkey a restore
inline constexpr std::string_view restore_key = ".clusbridge\\Restore";
inline constexpr std::string_view restore_value = "Commit"; ///< never stored: setting it is the act
/// Of the cluster and not of its content: a restore keeps that of the running tree.
inline constexpr std::string_view identity_key = ".clusbridge\\Cluster";

inline constexpr std::size_t restore_chunk_bytes = 480U << 10;
inline constexpr std::size_t max_restore_id = 64;

/// What the last batch of a restore says.
struct restore_order {
    std::string id; ///< of its subkey below staged_key; letters and digits
    std::uint32_t chunks = 0;
    std::uint64_t bytes = 0;       ///< of all chunks
    model::registry_digest digest; ///< of the staged tree

    bool operator==(const restore_order&) const = default;
};

std::vector<std::byte> encode_restore(const restore_order& what);
/// nullopt: malformed.
std::optional<restore_order> decode_restore(std::span<const std::byte> bytes);

/// The batches that replace the registry by `tree`, to be committed one after the other; each needs
/// that the one before was applied. `id` names this restore: letters and digits, never used before.
/// The first removes what another restore left behind, which then fails if it is still going on.
/// Time and caller are the committer's to set.
std::vector<model::registry_batch> restore_batches(const model::registry_tree& tree,
                                                   std::string_view id);

/// Whether it is the last batch of a restore, well-formed or not.
bool completes_restore(const model::registry_batch& batch);
/// Whether it is a batch as restore_batches() makes them.
bool belongs_to_restore(const model::registry_batch& batch);

/// What the registry is after `saved` was restored over `running`: without what belonged to the
/// moment of saving (a pending intent, a restore), with the identity of `running` if it has one.
/// nullopt: too large with that.
std::optional<model::registry_tree> restored(const model::registry_tree& running,
                                             model::registry_tree saved);

/// Carries out the last batch. `invalid`, and nothing has changed, unless the chunks are there and
/// make the tree that the order names; `busy` while an intent is pending (intent.hpp); `tree_full`
/// and `too_large` as for any batch. All changes are those of command 0.
model::registry_outcome apply_restore(model::registry_tree& tree,
                                      const model::registry_batch& batch);

} // namespace bridge::registry
