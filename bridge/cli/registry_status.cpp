// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/registry_status.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace bridge::cli {

namespace json = boost::json;

namespace {

std::string shown(const json::object& in, std::string_view name) {
    const json::value* value = in.if_contains(name);
    if (value == nullptr)
        return "?";
    if (value->is_string())
        return std::string(std::string_view(value->get_string()));
    return json::serialize(*value);
}

bool flag(const json::object& in, std::string_view name) {
    const json::value* value = in.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::string_view meaning_of(std::string_view state) {
    if (state == "active")
        return "reads are fresh, writes are taken";
    if (state == "learning")
        return "receives the registry from the others";
    if (state == "outside")
        return "reads may be stale, writes are refused";
    if (state == "failed")
        return "see the journal of clusbridged";
    return "?";
}

void write_member(std::ostream& out, const json::object& member) {
    out << "  node " << shown(member, "node") << ": "
        << (flag(member, "voter") ? "voter" : "no voter") << ", ";
    if (flag(member, "in_core"))
        out << "takes part, has entry " << shown(member, "index") << '\n';
    else
        out << "does not take part\n";
}

} // namespace

void write_status(std::ostream& out, const json::object& status) {
    const std::string state = shown(status, "state");
    out << "State:   " << state << " (" << meaning_of(state) << ")\n";
    if (const std::string reason = shown(status, "reason"); !reason.empty() && reason != "?")
        out << "Reason:  " << reason << '\n';
    out << "Epoch:   " << shown(status, "epoch") << '\n'
        << "Log:     entry " << shown(status, "last") << ", committed "
        << shown(status, "committed") << '\n'
        << "Content: " << shown(status, "keys") << " keys, " << shown(status, "values")
        << " values, " << shown(status, "bytes") << " of " << shown(status, "limit_bytes")
        << " bytes\n"
        << "Digest:  " << shown(status, "digest") << '\n'
        << "Store:   " << shown(status, "file") << '\n'
        << "Members:\n";
    const json::value* members = status.if_contains("members");
    if (members == nullptr || !members->is_array() || members->get_array().empty()) {
        out << "  none yet\n";
        return;
    }
    for (const json::value& member : members->get_array())
        if (member.is_object())
            write_member(out, member.get_object());
}

} // namespace bridge::cli
