// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/machine.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

/// A small replicated state: registers, lists that grow, guarded counters, groups of keys that are
/// always written together.
namespace registry_sim {

using bridge::registry::log_entry;
using bridge::registry::shared_bytes;

enum class command : std::uint8_t { set, append, add_if, batch };

struct operation {
    std::uint64_t unique = 0; ///< number of the client's call, never used twice
    command what{};
    std::uint8_t key = 0;
    std::uint32_t value = 0;
    std::uint32_t guard = 0; ///< add_if: what the counter must be

    [[nodiscard]] shared_bytes encode() const;
    static operation decode(const std::vector<std::byte>& body);
};

struct values {
    std::array<std::uint32_t, 8> registers{};
    std::array<std::uint32_t, 2> counters{};
    std::array<std::uint32_t, 4> group{}; ///< equal, always
    std::array<std::vector<std::uint32_t>, 2> lists;
    std::uint64_t applied = 0;

    void apply(const operation& o);
    [[nodiscard]] std::array<std::byte, 16> digest() const;
    bool operator==(const values&) const = default;
};

class values_state final : public bridge::registry::replicated_state {
public:
    /// Told of each entry after it was applied.
    std::function<void(const log_entry&)> on_apply;
    std::size_t padding = 0; ///< bytes that make a saved state larger

    void apply(const log_entry& entry) override;
    [[nodiscard]] std::array<std::byte, 16> digest() const override { return now.digest(); }
    [[nodiscard]] std::vector<std::byte> save() const override;
    bool load(std::span<const std::byte> saved) override;

    values now;
};

} // namespace registry_sim
