// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/clock.hpp"
#include "sgpr/command/exit_codes.hpp"
#include "sgpr/inventory.hpp"

#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sgpr::command_line {

/// What every command works on; tests give it a made-up machine.
struct console {
    std::ostream& out;
    std::ostream& err;
    const machine& here;
    clock& time;
    bool json = false;
    /// Asked by commands that go on until somebody stops them; empty: never stop.
    std::function<bool()> stopped{};
    std::istream* in = nullptr; ///< what is written to a disk; null: nothing
};

/// "sgpr: TEXT" on `err`.
exit_code complain(const console& with, exit_code status, std::string_view what);

/// A named disk with all its paths.
struct target {
    disk which{};
    opened_unit opened{};

    [[nodiscard]] logical_unit& unit() const { return *opened.unit; }
};

/// Finds and opens it; what went wrong has been said, and the exit status is the answer.
[[nodiscard]] std::variant<target, exit_code> open_target(const console& with,
                                                          std::string_view name);

/// What a failed command means and what to do about it.
exit_code complain(const console& with, std::string_view doing, const failure& problem);

/// Columns as wide as their widest cell, two blanks between them; unprintable bytes are '?'.
class table {
public:
    explicit table(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    void print(std::ostream& out) const;

private:
    std::vector<std::vector<std::string>> rows_;
};

/// 1 to 16 hexadecimal digits, "0x" before them or not, and not 0.
[[nodiscard]] std::optional<key> parse_key(std::string_view written);
/// A number (1, 3, 5, 6, 7, 8) or its name in short: WE, EA, WERO, EARO, WEAR, EAAR.
[[nodiscard]] std::optional<reservation_type> parse_type(std::string_view written);
/// "WERO"; a number where SPC-4 has no type.
[[nodiscard]] std::string short_text(reservation_type type);

} // namespace sgpr::command_line
