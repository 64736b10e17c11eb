// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/log.hpp"

#include <systemd/sd-journal.h>

#include <sys/uio.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace bridge::daemon {
namespace {

log_level most_detailed_level = log_level::info;

bool stderr_is_journal() {
    static const bool value = std::getenv("JOURNAL_STREAM") != nullptr;
    return value;
}

const char* word(log_level level) {
    switch (level) {
    case log_level::error:
        return "error";
    case log_level::warning:
        return "warning";
    case log_level::info:
        return "info";
    case log_level::debug:
        return "debug";
    }
    return "?";
}

/// A peer chooses parts of messages: control characters must not forge lines.
std::string printable(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = '?';
    }
    return result;
}

void to_journal(log_level level, const std::string& message,
                std::initializer_list<log_field> fields) {
    std::vector<std::string> lines;
    lines.reserve(fields.size() + 2);
    lines.push_back("PRIORITY=" + std::to_string(static_cast<int>(level)));
    lines.push_back("MESSAGE=" + message);
    for (const log_field& f : fields)
        lines.push_back(std::string(f.name) + "=" + printable(f.value));
    std::vector<iovec> parts;
    parts.reserve(lines.size());
    for (std::string& line : lines)
        parts.push_back({line.data(), line.size()});
    sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

} // namespace

log_level parse_log_level(std::string_view text) {
    if (text == "error")
        return log_level::error;
    if (text == "warning")
        return log_level::warning;
    if (text == "debug")
        return log_level::debug;
    return log_level::info;
}

void set_log_level(log_level most_detailed) {
    most_detailed_level = most_detailed;
}

bool logs(log_level level) {
    return level <= most_detailed_level;
}

void log(log_level level, std::string_view message, std::initializer_list<log_field> fields) {
    if (!logs(level))
        return;
    try {
        const std::string text = printable(message);
        if (stderr_is_journal()) {
            to_journal(level, text, fields);
            return;
        }
        std::string line = std::string("clusbridged: ") + word(level) + ": " + text;
        for (const log_field& f : fields)
            line += " " + std::string(f.name) + "=" + printable(f.value);
        line += '\n';
        std::fwrite(line.data(), 1, line.size(), stderr);
    } catch (...) { // NOLINT: losing a message beats losing the daemon
    }
}

} // namespace bridge::daemon
