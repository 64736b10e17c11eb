// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/handle_table.hpp"
#include "bridge/dcerpc/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace bridge::dcerpc {

/// Connections of one client that share context handles (MS-RPCE 3.3.1.4.2). Kept alive by its
/// connections and by the calls that still run for them.
class association_group {
public:
    association_group(std::uint32_t id, std::size_t handle_limit, handle_budget& budget)
        : handles(handle_limit, &budget), id_(id) {}

    [[nodiscard]] std::uint32_t id() const { return id_; }

    handle_table handles;

private:
    friend class association_registry;
    std::uint32_t id_;
    std::size_t connections_ = 0;
};

/// The association groups of a server.
class association_registry {
public:
    explicit association_registry(const limits& bounds)
        : handles_association_(bounds.handles_association),
          budget_(bounds.handles_process, bounds.handles_identity) {}

    /// A new group with a random id other than 0, joined by one connection.
    std::shared_ptr<association_group> create();

    /// Joins the group with this id; null when no connection holds it.
    std::shared_ptr<association_group> join(std::uint32_t id);

    /// One connection leaves; with the last one every handle is run down.
    void leave(association_group& group);

    [[nodiscard]] std::size_t size() const { return groups_.size(); }

private:
    std::size_t handles_association_;
    handle_budget budget_;
    std::unordered_map<std::uint32_t, std::shared_ptr<association_group>> groups_;
};

} // namespace bridge::dcerpc
