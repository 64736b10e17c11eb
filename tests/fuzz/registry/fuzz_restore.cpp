// SPDX-License-Identifier: Apache-2.0
// The last batch of a restore from anybody, with what it refers to staged: it replaces the tree by
// a valid one or changes nothing, the same each time. Input: u8 length of the order, order, chunk.
// Its digest, bytes and chunks are put right by the first bit of the last byte, else nothing would
// get past them.
#include "bridge/registry/restore.hpp"
#include "bridge/win32/invariant.hpp"

#include <algorithm>
#include <cstdint>

using namespace bridge::registry;
using namespace bridge::model;

namespace {

registry_tree staged(std::span<const std::byte> chunk) {
    registry_tree tree;
    registry_batch batch;
    batch.time = 1;
    for (const char* path : {"a\\b", ".clusbridge\\Cluster", ".clusbridge\\Staged\\r"}) {
        auto& command = batch.commands.emplace_back();
        command.verb = registry_verb::create_key;
        command.path = path;
    }
    auto& value = batch.commands.emplace_back();
    value.verb = registry_verb::set_value;
    value.path = ".clusbridge\\Staged\\r";
    value.name = "0";
    value.type = registry_type::binary;
    value.data.assign(chunk.begin(), chunk.end());
    tree.apply(batch);
    return tree;
}

std::vector<std::byte> order_of(std::span<const std::byte> chunk) {
    restore_order order{"r", 1, chunk.size(), {}};
    if (const auto tree = registry_tree::load(chunk))
        order.digest = tree->digest();
    return encode_restore(order);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const auto in = std::as_bytes(std::span(data + 1, size - 1));
    const auto order = in.first(std::min<std::size_t>(data[0], in.size()));
    const auto chunk = in.subspan(order.size());
    if (chunk.size() > restore_chunk_bytes)
        return 0;
    if (const auto read = decode_restore(order))
        BRIDGE_INVARIANT(decode_restore(encode_restore(*read)) == read);
    registry_batch batch;
    batch.time = 2;
    auto& command = batch.commands.emplace_back();
    command.verb = registry_verb::set_value;
    command.path = restore_key;
    command.name = restore_value;
    command.type = registry_type::binary;
    command.data.assign(order.begin(), order.end());
    if ((data[size - 1] & 1) != 0)
        command.data = order_of(chunk);
    registry_tree tree = staged(chunk), twin = staged(chunk);
    const auto digest = tree.digest();
    const auto outcome = apply_restore(tree, batch);
    BRIDGE_INVARIANT(outcome.code == registry_errc::none || tree.digest() == digest);
    BRIDGE_INVARIANT(apply_restore(twin, batch).code == outcome.code && twin == tree);
    BRIDGE_INVARIANT(tree.find(identity_key) != nullptr);
    const auto loaded = registry_tree::load(tree.save());
    BRIDGE_INVARIANT(loaded && *loaded == tree);
    return 0;
}
