// SPDX-License-Identifier: Apache-2.0
// A tree from anybody. The digest at the end is put right, else nothing would get past it. The same
// bytes are tried as rows: u8 length of the key, key, u8 length of the content, content.
#include "bridge/model/registry_tree.hpp"
#include "bridge/win32/invariant.hpp"

#include <cstdint>

using namespace bridge::model;

namespace {

void try_rows(std::span<const std::byte> in) {
    std::vector<registry_row> rows;
    const auto field = [&in] {
        const auto size = std::min<std::size_t>(std::to_integer<std::size_t>(in[0]), in.size() - 1);
        std::vector<std::byte> out(in.begin() + 1, in.begin() + 1 + static_cast<long>(size));
        in = in.subspan(1 + size);
        return out;
    };
    while (!in.empty()) {
        registry_row& row = rows.emplace_back();
        row.key = field();
        if (in.empty())
            break;
        row.value = field();
    }
    auto tree = registry_tree::from_rows(rows);
    if (!tree)
        return;
    const auto again = registry_tree::from_rows(tree->all_rows());
    BRIDGE_INVARIANT(again && *again == *tree && again->digest() == tree->digest());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto in = std::as_bytes(std::span(data, size));
    try_rows(in);
    auto tree = registry_tree::load(in);
    if (!tree)
        return 0;
    const auto saved = tree->save();
    const auto again = registry_tree::load(saved);
    BRIDGE_INVARIANT(again && *again == *tree && again->save() == saved);
    const auto stored = registry_tree::from_rows(tree->all_rows());
    BRIDGE_INVARIANT(stored && *stored == *tree && stored->digest() == tree->digest());
    return 0;
}
