// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/identity.hpp"
#include "bridge/dcerpc/fault.hpp"
#include "bridge/dcerpc/handle_table.hpp"
#include "bridge/dcerpc/syntax.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bridge::dcerpc {

struct interface;

/// What a method may know of the call that it answers. The runtime owns it; it lives until the
/// response is taken.
struct call {
    const interface* target = nullptr;
    std::uint16_t opnum = 0;
    transfer_syntax syntax = transfer_syntax::ndr;
    bool big_endian = false; ///< byte order of the request's stub
    auth::protection_level level = auth::protection_level::none;
    std::optional<win32::guid> object;            ///< object UUID of the request
    std::shared_ptr<const auth::identity> caller; ///< null when unauthenticated
    handle_table* handles = nullptr;              ///< of the association group
    std::string peer;                             ///< "address:port", for logs
    std::string local_address; ///< the address that the client connected to, without port
    std::uint16_t local_port = 0;
    /// Set by a method to have the connection closed once its response is sent (MS-CMRP 3.1.3: no
    /// access at all).
    bool close_after_response = false;
};

/// A method's answer: response stub in the call's transfer syntax, little-endian; or a fault.
struct response {
    std::vector<std::byte> stub;
    fault status = fault::none;
};

/// Answers at once. Never blocks.
using immediate_method = void (*)(void* service, call& c, std::span<const std::byte> stub,
                                  response& out);

/// Answers later; other calls of the connection go on meanwhile.
using suspended_method = boost::asio::awaitable<response> (*)(void* service,
                                                              std::shared_ptr<call> c,
                                                              std::vector<std::byte> stub);

/// One opnum. `monostate` answers fault op_range without decoding.
struct method {
    std::string_view name;
    std::variant<std::monostate, immediate_method, suspended_method> run;
};

/// An interface that a server offers. Immutable while it serves; opnums beyond `methods` fault with
/// op_range.
struct interface {
    syntax_id id;
    std::string_view name;
    std::string_view annotation; ///< shown by the endpoint mapper
    auth::protection_level minimum_level = auth::protection_level::none;
    std::span<const method> methods;
    void* service = nullptr; ///< passed to every method; not owned
};

} // namespace bridge::dcerpc
