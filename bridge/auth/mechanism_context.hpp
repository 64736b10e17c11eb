// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/mechanism_side.hpp"

#include <memory>
#include <utility>

namespace bridge::auth {

/// Server side of a mechanism that SPNEGO can wrap.
class mechanism_context : public mechanism_side<security_context> {
public:
    [[nodiscard]] const identity& who() const final { return who_; }

protected:
    /// The exchange is done and this is who asks.
    void admit(identity who, std::unique_ptr<message_protection> protection,
               protection_level strongest) {
        who_ = std::move(who);
        protect_with(std::move(protection), strongest);
    }

    /// Nobody is known and nothing is protected any more.
    void forget() {
        who_ = {};
        protect_with(nullptr);
    }

private:
    identity who_;
};

} // namespace bridge::auth
