// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

/// Batches as bytes: the body of an entry in the replicated log. Little-endian, a format byte
/// first.
namespace bridge::model {

/// Descriptors that several commands share are written once. Whoever sends checks the size against
/// registry_limit::batch_bytes.
std::vector<std::byte> encode_batch(const registry_batch& batch);

/// nullopt for anything that encode_batch() does not write for a batch within the limits of size,
/// commands, caller and descriptors; everything else is apply()'s to judge. Commands that shared a
/// descriptor share it again.
std::optional<registry_batch> decode_batch(std::span<const std::byte> bytes);

} // namespace bridge::model
