// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/access.hpp"
#include "bridge/dcerpc/handle_table.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace bridge::clusapi {

/// Types of context handle (MS-CMRP 2.2.1); a mask, because HGENERIC_RPC accepts several.
enum class handle_kind : std::uint16_t {
    cluster = 0x001,
    node = 0x002,
    group = 0x004,
    resource = 0x008,
    key = 0x010,
    notify = 0x020,
    network = 0x040,
    net_interface = 0x080,
    batch_port = 0x100,
    any = 0x1FF, ///< HGENERIC_RPC (MS-CMRP 6.3)
};

constexpr bool fits(handle_kind kind, handle_kind allowed) {
    return (static_cast<std::uint16_t>(kind) & static_cast<std::uint16_t>(allowed)) != 0;
}

/// What a context handle stands for. It names its object and never holds it: the object is looked
/// up in the current snapshot at each call, so a deleted one is noticed.
struct handle : dcerpc::handle_object {
    handle(handle_kind kind_, access_level level_, std::string id_)
        : kind(kind_), level(level_), id(std::move(id_)) {}

    const handle_kind kind;
    const access_level
        level; ///< granted when it was opened; a changed descriptor does not take it away
    const std::string id; ///< of the object; key path for a key; empty for the cluster
};

/// HKEY_RPC: the rights that the key's own security descriptor granted when it was opened, and
/// which key that was: one that is made in its place later is another.
struct key_handle : handle {
    key_handle(access_level level_, std::string path, std::uint32_t rights_,
               std::uint64_t stored_id_)
        : handle(handle_kind::key, level_, std::move(path)), rights(rights_),
          stored_id(stored_id_) {}

    const std::uint32_t rights;
    const std::uint64_t stored_id; ///< model::stored_key::id(); 0: nothing of it was stored
};

} // namespace bridge::clusapi
