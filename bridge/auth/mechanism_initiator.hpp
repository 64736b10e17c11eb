// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_initiator.hpp"
#include "bridge/auth/wire_bytes.hpp"

namespace bridge::auth {

/// The client side of a mechanism that SPNEGO can wrap; the mirror of `mechanism_context`.
class mechanism_initiator : public security_initiator {
public:
    virtual byte_string make_mic(bytes_view data) = 0;
    virtual bool check_mic(bytes_view data, bytes_view mic) = 0;
};

} // namespace bridge::auth
