// SPDX-License-Identifier: Apache-2.0
#include "sgpr/node_key.hpp"

#include <array>
#include <cstdio>

namespace sgpr {

std::uint32_t cluster_hash(std::string_view identity) {
    std::uint32_t hash = 2166136261U; // FNV-1a of 32 bits, folded to 24
    for (const char c : identity) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 16777619U;
    }
    return (hash >> 24U) ^ (hash & 0xff'ffffU);
}

key compose(const node_key& of) {
    return key((std::uint64_t{of.cluster & 0xff'ffffU} << 40U) | (std::uint64_t{of.node} << 24U) |
               (std::uint64_t{of.boot} << 16U) | key_marker);
}

std::optional<node_key> recognise(key value) {
    const std::uint64_t bits = value.value();
    if ((bits & 0xffffU) != key_marker)
        return std::nullopt;
    return node_key{static_cast<std::uint32_t>(bits >> 40U),
                    static_cast<std::uint16_t>(bits >> 24U),
                    static_cast<std::uint8_t>(bits >> 16U)};
}

bool same_cluster(key one, key other) {
    const auto a = recognise(one);
    const auto b = recognise(other);
    return a && b && a->cluster == b->cluster;
}

bool same_node(key one, key other) {
    return same_cluster(one, other) && recognise(one)->node == recognise(other)->node;
}

std::string explain(key value) {
    const auto known = recognise(value);
    if (!known)
        return text(value) + " (not ours)";
    std::array<char, 64> words{};
    std::snprintf(words.data(), words.size(), " (node %u, boot %u of cluster %06x)",
                  unsigned{known->node}, unsigned{known->boot},
                  static_cast<unsigned>(known->cluster));
    return text(value) + words.data();
}

} // namespace sgpr
