// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/facts.hpp"

#include <cstdint>

/// Conditional options made plain.
namespace bridge::model {

/// Remembers the last facts, so that whatever comes to the same keeps its address.
class resolver {
public:
    /// The facts as they count at `now` (seconds since 1970, 0 for no clock): whatever has rules
    /// holds what they come to. The same object where nothing has any. Never null if `facts` is
    /// not.
    cib_facts_ptr resolve(const cib_facts_ptr& facts, std::int64_t now);

private:
    cib_facts_ptr given_ = std::make_shared<const cib_facts>();
    cib_facts_ptr made_ = given_;
};

} // namespace bridge::model
