// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/mechanism_side.hpp"
#include "bridge/auth/security_initiator.hpp"

namespace bridge::auth {

/// Client side of a mechanism that SPNEGO can wrap; the mirror of `mechanism_context`.
using mechanism_initiator = mechanism_side<security_initiator>;

} // namespace bridge::auth
