// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/identity.hpp"
#include "bridge/dcerpc/fault.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace bridge::dcerpc {

struct interface;

/// One transport connection, as calls and logs name it.
struct connection_info {
    std::uint64_t id = 0;      ///< never reused in a process
    std::string peer;          ///< "address:port"
    std::string peer_address;  ///< without port: the source that limits count
    std::string local_address; ///< the address that the client connected to
    std::uint16_t local_port = 0;
};

/// What the runtime reports while it works; the daemon logs and counts it. Called on the I/O
/// thread, never blocks, never calls back into the runtime. Texts are valid during the call only.
class observer {
public:
    virtual ~observer() = default;

    virtual void connection_opened(const connection_info&) {}
    virtual void connection_closed(const connection_info&, std::string_view /*why*/) {}
    virtual void authenticated(const connection_info&, const auth::identity&,
                               auth::protection_level) {}
    virtual void authentication_failed(const connection_info&, auth::mechanism,
                                       std::string_view /*why*/) {}
    /// A call that was not executed: level too low, no identity, no such method, too many calls.
    virtual void call_refused(const connection_info&, const interface&, std::uint16_t /*opnum*/,
                              fault) {}
    virtual void fault_sent(const connection_info&, std::uint32_t /*call_id*/, fault) {}
    /// `name` is the member of `limits` that was hit.
    virtual void limit_hit(const connection_info&, std::string_view /*name*/) {}
    /// Accepting connections failed for a reason of the system (out of descriptors); it goes on.
    virtual void accept_failed(std::string_view /*why*/) {}
};

} // namespace bridge::dcerpc
