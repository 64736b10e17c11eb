// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/bytes.hpp"
#include "sgpr/validate/node_agent.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sgpr::validate {

/// The file systems of one disk while it is online on this node. Destroyed: offline.
class volumes {
public:
    volumes() = default;
    volumes(const volumes&) = delete;
    volumes& operator=(const volumes&) = delete;
    virtual ~volumes() = default;

    /// Numbers of the volumes that are there, in the order that `index` counts them.
    [[nodiscard]] virtual std::vector<std::uint64_t> numbers() const = 0;
    /// Through to the disk.
    [[nodiscard]] virtual std::optional<problem> write(std::uint32_t index, const std::string& file,
                                                       byte_view data) = 0;
    /// From the disk, not from a cache. errc::medium: other bytes than `data` are there.
    [[nodiscard]] virtual std::optional<problem>
    verify(std::uint32_t index, const std::string& file, byte_view data) = 0;
    [[nodiscard]] virtual std::optional<problem> remove(std::uint32_t index,
                                                        const std::string& file) = 0;
    /// Flushed and unmounted.
    [[nodiscard]] virtual std::optional<problem> offline() = 0;
};

} // namespace sgpr::validate
