// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/access.hpp"
#include "bridge/dcerpc/service.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace bridge::clusapi {

/// Where the access to check comes from (MS-CMRP 3.1.4.2).
enum class access_kind : std::uint8_t {
    free,      ///< closing: whoever holds the handle
    at_call,   ///< the cluster security descriptor, now
    on_open,   ///< the same, but dwDesiredAccess says which level: the handler asks for it
    on_handle, ///< the level stored in each handle of the call
    control,   ///< on_handle; All for a control code that changes something, else Read
};

/// Least protocol server state that the method needs (MS-CMRP 3.1.1).
enum class state_kind : std::uint8_t {
    read_only,
    read_write,
    read_only_for_nodes, ///< read_write, except for an enumeration of nodes alone
    control,             ///< read_write for a control code that changes something, else read_only
};

/// What a method needs. A structural type: rows carry it as a template argument.
struct rule {
    access_kind access = access_kind::at_call;
    access_level level = access_level::read;
    state_kind state = state_kind::read_only;
    bool changes = false; ///< for the audit
};

enum class coverage : std::uint8_t {
    served,
    unsupported, ///< answers ERROR_CALL_NOT_IMPLEMENTED by specification
    to_come,     ///< answers ERROR_CALL_NOT_IMPLEMENTED for now
    reserved,    ///< not used on the wire: fault op_range
};

/// One opnum. The table is the single list of supported calls.
struct method_row {
    std::uint16_t opnum = 0;
    std::string_view name;
    rule needs;
    coverage status = coverage::reserved;
    decltype(dcerpc::method::run) run; ///< monostate: reserved; suspended ones fit in too
};

/// Opnums 0 to 147, in order.
std::span<const method_row> methods();

} // namespace bridge::clusapi
