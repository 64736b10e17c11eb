// SPDX-License-Identifier: Apache-2.0
// Whatever a peer sends as a batch must be read as one or refused, be written as bytes that read
// the same, and leave a tree that equals what its rows and its saved form make.
#include "bridge/model/registry_batch_codec.hpp"
#include "bridge/win32/invariant.hpp"

#include <cstdint>
#include <map>

using namespace bridge::model;

namespace {

registry_tree grown() {
    registry_tree tree;
    registry_batch batch;
    batch.time = 1;
    for (const char* path : {"a\\b", "a\\c", "d"}) {
        auto& command = batch.commands.emplace_back();
        command.verb = registry_verb::create_key;
        command.path = path;
    }
    auto& value = batch.commands.emplace_back();
    value.verb = registry_verb::set_value;
    value.path = "a";
    value.name = "v";
    value.type = registry_type::binary;
    BRIDGE_INVARIANT(tree.apply(batch).code == registry_errc::none);
    return tree;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto batch = decode_batch(std::as_bytes(std::span(data, size)));
    if (!batch)
        return 0;
    const auto again = decode_batch(encode_batch(*batch));
    BRIDGE_INVARIANT(!again || *again == *batch);
    registry_tree tree = grown();
    std::map<std::vector<std::byte>, std::vector<std::byte>> rows;
    for (auto& row : tree.all_rows())
        rows[row.key] = *row.value;
    const auto digest = tree.digest();
    const auto outcome = tree.apply(*batch);
    BRIDGE_INVARIANT(outcome.code == registry_errc::none || tree.digest() == digest);
    for (auto& row : tree.take_rows())
        if (row.value)
            rows[row.key] = *row.value;
        else
            rows.erase(row.key);
    std::vector<registry_row> all;
    for (auto& [key, value] : rows)
        all.push_back({key, value});
    const auto stored = registry_tree::from_rows(all);
    BRIDGE_INVARIANT(stored && *stored == tree && stored->digest() == tree.digest());
    const auto loaded = registry_tree::load(tree.save());
    BRIDGE_INVARIANT(loaded && *loaded == tree && loaded->bytes() == tree.bytes());
    return 0;
}
