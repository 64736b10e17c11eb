// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/control_answers.hpp"

#include "bridge/daemon/control_request.hpp"

#include <cstdint>

namespace bridge::daemon {

namespace json = boost::json;

namespace {

using model::registry_errc;

struct refusal {
    const char* code;
    const char* text;
};

refusal refusal_of(registry_errc why) {
    switch (why) {
    case registry_errc::not_active:
        return {"not_active", "the registry is not active on this node"};
    case registry_errc::busy:
        return {"busy", "the registry is busy; try again"};
    case registry_errc::disk_full:
        return {"disk_full", "the disk of a member is full"};
    case registry_errc::tree_full:
        return {"tree_full", "the registry would exceed its size, which what is being restored "
                             "counts for too"};
    case registry_errc::too_large:
        return {"too_large", "more than one step of the registry may change"};
    case registry_errc::undecided:
        return {"undecided", "the daemon ended before it knew; it may have taken effect"};
    case registry_errc::key_not_found:
        return {"invalid", "what was staged is gone; another restore began since"};
    default:
        return {"invalid", "the registry did not accept it"};
    }
}

} // namespace

json::object registry_refusal(registry_errc why) {
    const refusal r = refusal_of(why);
    return control_error(r.code, r.text);
}

std::string control_caller(const json::object& request) {
    const json::value* peer = request.if_contains("peer");
    const json::value* uid =
        peer != nullptr && peer->is_object() ? peer->get_object().if_contains("uid") : nullptr;
    boost::system::error_code error;
    const auto number = uid != nullptr ? uid->to_number<std::uint32_t>(error) : 0;
    return uid != nullptr && !error ? "uid " + std::to_string(number) : "somebody";
}

} // namespace bridge::daemon
