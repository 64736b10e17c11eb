// SPDX-License-Identifier: Apache-2.0
#include "sgpr/ownership.hpp"

namespace sgpr {

std::string_view text(refusal why) {
    switch (why) {
    case refusal::owner_alive:
        return "its owner is a live member";
    case refusal::owner_defends:
        return "its owner defends it";
    case refusal::lost_race:
        return "another node got it first";
    case refusal::foreign_reservation:
        return "it is reserved by another cluster or other software";
    case refusal::foreign_registration:
        return "another cluster or other software is registered";
    case refusal::other_type:
        return "it is reserved with another type";
    case refusal::key_in_use:
        return "another machine is registered with the key of this node (two clusters of one "
               "name?)";
    }
    return "unknown";
}

std::string_view text(loss why) {
    switch (why) {
    case loss::preempted:
        return "preempted";
    case loss::released:
        return "nothing is reserved any more";
    case loss::type:
        return "reserved with another type";
    case loss::unconfirmed:
        return "not confirmed in time";
    }
    return "unknown";
}

} // namespace sgpr
