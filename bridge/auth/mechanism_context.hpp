// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_context.hpp"
#include "bridge/auth/wire_bytes.hpp"

namespace bridge::auth {

/// A mechanism that SPNEGO can wrap: it also signs the list of offered mechanisms (RFC 4178 5).
class mechanism_context : public security_context {
public:
    /// Valid after `done` and before the first PDU; empty on failure.
    virtual byte_string make_mic(bytes_view data) = 0;

    /// Valid after `done` and before the first PDU; a false answer ends the context.
    virtual bool check_mic(bytes_view data, bytes_view mic) = 0;
};

} // namespace bridge::auth
