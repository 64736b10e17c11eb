// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/reports.hpp"

#include "bridge/auth/identity.hpp"
#include "bridge/daemon/log.hpp"
#include "bridge/dcerpc/service.hpp"
#include "bridge/win32/errors.hpp"

#include <cstdio>

namespace bridge::daemon {
namespace {

std::string hexadecimal(std::uint32_t value) {
    char text[11];
    std::snprintf(text, sizeof text, "0x%08x", value);
    return text;
}

std::string_view name_of(auth::mechanism mechanism) {
    switch (mechanism) {
    case auth::mechanism::none:
        return "none";
    case auth::mechanism::spnego:
        return "SPNEGO";
    case auth::mechanism::ntlm:
        return "NTLM";
    case auth::mechanism::kerberos:
        return "Kerberos";
    }
    return "unknown";
}

} // namespace

bool rpc_reports::due(std::string_view matter, std::string_view source, std::string& note) {
    const auto now = clock::now();
    if (muted_.size() >= max_sources)
        std::erase_if(muted_, [&](const auto& item) { return item.second.until <= now; });
    if (muted_.size() >= max_sources)
        return false;
    mute& entry = muted_[std::string(matter) + " " + std::string(source)];
    if (now < entry.until) {
        ++entry.left_out;
        return false;
    }
    note = entry.left_out > 0 ? " (" + std::to_string(entry.left_out) + " more left out)" : "";
    entry = {now + std::chrono::seconds(1), 0};
    return true;
}

void rpc_reports::connection_opened(const dcerpc::connection_info& connection) {
    if (logs(log_level::debug))
        log(log_level::debug,
            connection.peer + ": connected to port " + std::to_string(connection.local_port));
}

void rpc_reports::connection_closed(const dcerpc::connection_info& connection,
                                    std::string_view why) {
    if (logs(log_level::debug))
        log(log_level::debug, connection.peer + ": closed: " + std::string(why));
}

void rpc_reports::authenticated(const dcerpc::connection_info& connection,
                                const auth::identity& who, auth::protection_level) {
    if (logs(log_level::debug))
        log(log_level::debug, connection.peer + ": is " + auth::display_name(who),
            {{"CLUSBRIDGE_EVENT", "authenticated"}, {"CLUSBRIDGE_PEER", connection.peer}});
}

void rpc_reports::authentication_failed(const dcerpc::connection_info& connection,
                                        auth::mechanism mechanism, std::string_view why) {
    std::string note;
    if (due("authentication", connection.peer_address, note))
        log(log_level::warning,
            connection.peer + ": " + std::string(name_of(mechanism)) +
                " refused: " + std::string(why) + note,
            {{"CLUSBRIDGE_EVENT", "authentication_failed"}, {"CLUSBRIDGE_PEER", connection.peer}});
}

void rpc_reports::call_refused(const dcerpc::connection_info& connection,
                               const dcerpc::interface& target, std::uint16_t opnum,
                               dcerpc::fault status) {
    std::string note;
    if (due("call", connection.peer_address, note))
        log(log_level::warning,
            connection.peer + ": " + std::string(target.name) + " opnum " + std::to_string(opnum) +
                " refused with fault " + hexadecimal(static_cast<std::uint32_t>(status)) + note,
            {{"CLUSBRIDGE_EVENT", "call_refused"}, {"CLUSBRIDGE_PEER", connection.peer}});
}

void rpc_reports::fault_sent(const dcerpc::connection_info& connection, std::uint32_t call_id,
                             dcerpc::fault status) {
    std::string note;
    if (due("fault", connection.peer_address, note))
        log(log_level::info,
            connection.peer + ": call " + std::to_string(call_id) + " answered with fault " +
                hexadecimal(static_cast<std::uint32_t>(status)) + note,
            {{"CLUSBRIDGE_EVENT", "fault"}, {"CLUSBRIDGE_PEER", connection.peer}});
}

void rpc_reports::limit_hit(const dcerpc::connection_info& connection, std::string_view name) {
    std::string note;
    if (due(name, connection.peer_address, note))
        log(log_level::warning,
            connection.peer + ": limit " + std::string(name) + " was hit" + note,
            {{"CLUSBRIDGE_EVENT", "limit"}, {"CLUSBRIDGE_PEER", connection.peer}});
}

void rpc_reports::accept_failed(std::string_view why) {
    std::string note;
    if (due("accept", "", note))
        log(log_level::error, "connections cannot be accepted: " + std::string(why) + note);
}

void call_reports::answered(const clusapi::call_report& report) {
    const bool refused = report.result == win32::win32_error::ERROR_ACCESS_DENIED;
    const log_level level = refused           ? log_level::warning
                            : report.changing ? log_level::info
                                              : log_level::debug;
    if (!logs(level))
        return;
    const std::string user =
        report.caller != nullptr ? auth::display_name(*report.caller) : "nobody";
    const std::string result = hexadecimal(static_cast<std::uint32_t>(report.result));
    std::string text = std::string(report.peer) + ": " + user + ": " + std::string(report.method);
    if (report.control_code != 0)
        text += " " + hexadecimal(report.control_code);
    if (!report.object.empty())
        text += " " + std::string(report.object);
    log(level, text + " = " + result,
        {{"CLUSBRIDGE_EVENT", refused ? "refused" : "call"},
         {"CLUSBRIDGE_PEER", report.peer},
         {"CLUSBRIDGE_USER", user},
         {"CLUSBRIDGE_METHOD", report.method},
         {"CLUSBRIDGE_OBJECT", report.object},
         {"CLUSBRIDGE_RESULT", result}});
}

} // namespace bridge::daemon
