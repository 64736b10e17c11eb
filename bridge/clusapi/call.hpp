// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/handle.hpp"
#include "bridge/clusapi/service.hpp"
#include "bridge/ndr/types.hpp"
#include "bridge/win32/errors.hpp"
#include "bridge/win32/utf16.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace bridge::clusapi {

using win32::win32_error;

/// Handles that one method takes at most.
inline constexpr std::size_t max_handles = 2;

/// The object behind a handle, looked up at this call; monostate for handles of the cluster, of
/// keys and of ports.
using object_ref =
    std::variant<std::monostate, std::shared_ptr<const model::node>,
                 std::shared_ptr<const model::group>, std::shared_ptr<const model::resource>,
                 std::shared_ptr<const model::network>,
                 std::shared_ptr<const model::net_interface>>;

/// One call on its way through skeleton and handler. When the handler runs, every check of the
/// method's row has passed.
struct call {
    dcerpc::call& rpc;
    service& server;
    model::snapshot_ptr cluster;
    std::array<std::shared_ptr<handle>, max_handles> handles =
        {}; ///< in the order of the parameters
    std::array<object_ref, max_handles> objects = {};

    /// The object of the handle parameter with that index, of the type that the row declares for
    /// it.
    template <class T>
    [[nodiscard]] const T& object(std::size_t index = 0) const {
        return *std::get<std::shared_ptr<const T>>(objects.at(index));
    }

    [[nodiscard]] const key_handle& key() const {
        return static_cast<const key_handle&>(*handles[0]);
    }

    [[nodiscard]] model::property_context properties() const;
};

/// A handler's answer: a code, results, or both. The skeleton puts the code into the method's own
/// error slot; rpc_status is always 0.
template <class Out>
struct reply {
    reply(win32_error code_) : code(code_) {} // NOLINT(google-explicit-constructor)
    reply(Out out_) : out(std::move(out_)) {} // NOLINT(google-explicit-constructor)
    reply(win32_error code_, Out out_) : code(code_), out(std::move(out_)) {}

    win32_error code = win32_error::ERROR_SUCCESS;
    std::optional<Out> out; ///< without it the skeleton sends null pointers and zeros
};

/// Makes the handle known to the client's association group; nullopt at the limit.
std::optional<ndr::context_handle> publish(call& c, std::shared_ptr<handle> object);

/// The reply of a method that opens: the handle, or ERROR_NOT_ENOUGH_MEMORY at the limit of
/// handles.
template <class Out>
reply<Out> opened(call& c, std::shared_ptr<handle> object, Out out = {}) {
    const auto known = publish(c, std::move(object));
    if (!known)
        return win32_error::ERROR_NOT_ENOUGH_MEMORY;
    out.result = *known;
    return out;
}

/// Text for an [out] string; never null (MS-CMRP knows no null strings on success).
inline std::u16string wide(std::string_view text) {
    return win32::to_utf16(text);
}
inline std::string narrow(std::u16string_view text) {
    return win32::to_utf8(text);
}

} // namespace bridge::clusapi
