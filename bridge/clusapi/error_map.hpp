// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"
#include "bridge/win32/errors.hpp"

#include <cstdint>

/// What refusals of the registry are to a client. No code of the lists that make a client reconnect
/// (MS-CMRP 3.2.4.6) is among them.
namespace bridge::clusapi {

/// The methods that answer differently to the same condition.
enum class registry_call : std::uint8_t {
    on_key,    ///< the key of the handle is the only one in question
    on_subkey, ///< another key is named
};

constexpr win32::win32_error to_win32(model::registry_errc code, registry_call method) {
    using model::registry_errc;
    using enum win32::win32_error;
    switch (code) {
    case registry_errc::none:
        return ERROR_SUCCESS;
    case registry_errc::key_not_found:
        return method == registry_call::on_subkey ? ERROR_FILE_NOT_FOUND : ERROR_KEY_DELETED;
    case registry_errc::value_not_found:
        return ERROR_FILE_NOT_FOUND;
    case registry_errc::has_subkeys:
        return ERROR_ACCESS_DENIED; // MS-CMRP 3.1.4.2.36
    case registry_errc::guard_failed:
        return ERROR_KEY_DELETED; // the only guard of a handler: the handle's key is there
    case registry_errc::too_large:
    case registry_errc::invalid:
        return ERROR_INVALID_PARAMETER;
    case registry_errc::tree_full:
        return ERROR_NO_SYSTEM_RESOURCES;
    case registry_errc::not_active:
    case registry_errc::stale:
        return ERROR_SHARING_PAUSED;
    case registry_errc::busy:
        return ERROR_BUSY;
    case registry_errc::disk_full:
        return ERROR_DISK_FULL;
    case registry_errc::undecided:
        break;
    }
    return ERROR_OPERATION_ABORTED;
}

} // namespace bridge::clusapi
