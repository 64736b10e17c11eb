// SPDX-License-Identifier: Apache-2.0
#include "sgpr/command/console.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace sgpr::command_line {
namespace {

struct type_name {
    reservation_type type;
    std::string_view name;
};
constexpr std::array<type_name, 6> type_names{{
    {reservation_type::write_exclusive, "WE"},
    {reservation_type::exclusive_access, "EA"},
    {reservation_type::write_exclusive_registrants_only, "WERO"},
    {reservation_type::exclusive_access_registrants_only, "EARO"},
    {reservation_type::write_exclusive_all_registrants, "WEAR"},
    {reservation_type::exclusive_access_all_registrants, "EAAR"},
}};

std::string printable(std::string text) {
    std::ranges::replace_if(
        text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return text;
}

std::string_view advice(errc code) {
    switch (code) {
    case errc::reservation_conflict:
        return "; `sgpr status` shows who holds the disk and which path is registered";
    case errc::gone:
        return "; `sgpr list` shows the disks that are here now";
    case errc::timeout:
        return "; it may have been carried out: look with `sgpr status`";
    case errc::transport:
        return "; see to the path (multipath -ll, iscsiadm -m session) and try again";
    case errc::busy:
        return "; try again";
    case errc::unsupported:
        return "; `sgpr show` says what the disk can do";
    default:
        return "";
    }
}

} // namespace

exit_code complain(const console& with, exit_code status, std::string_view what) {
    with.err << "sgpr: " << printable(std::string(what)) << '\n';
    return status;
}

exit_code complain(const console& with, std::string_view doing, const failure& problem) {
    std::string line(doing);
    line += ": " + text(problem);
    line += status_of(problem) == exit_privileges ? "; be root" : advice(problem.code);
    return complain(with, status_of(problem), line);
}

std::variant<target, exit_code> open_target(const console& with, std::string_view name) {
    const inventory all = take_inventory(with.here, with.time, inventory_depth::names);
    const auto found = find_disk(all, with.here, name);
    if (!found) {
        const auto& why = found.error();
        return complain(with,
                        why.why == lookup_failure::reason::unknown ? exit_no_such_object
                                                                   : exit_bad_parameter,
                        why.text);
    }
    target chosen{.which = **found};
    if (!chosen.which.paths.front().address)
        return complain(with, exit_unsupported,
                        chosen.which.device() + " is not a SCSI disk: it has no persistent "
                                                "reservations");
    auto opened = open_unit(chosen.which, with.here, with.time);
    if (!opened)
        return complain(with, chosen.which.device(), opened.error());
    chosen.opened = std::move(*opened);
    for (const left_out_path& path : chosen.opened.left_out)
        complain(with, exit_ok, "path " + path.path + " is left out: " + text(path.problem));
    return chosen;
}

void table::print(std::ostream& out) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            out << printable(row[i]);
            if (i + 1 < row.size())
                out << std::string(widths[i] - row[i].size() + 2, ' ');
        }
        out << '\n';
    }
}

std::optional<key> parse_key(std::string_view written) {
    if (written.substr(0, 2) == "0x" || written.substr(0, 2) == "0X")
        written.remove_prefix(2);
    std::uint64_t value = 0;
    const char* end = written.data() + written.size();
    const auto [stopped, error] = std::from_chars(written.data(), end, value, 16);
    if (written.size() > 16 || error != std::errc() || stopped != end || value == 0)
        return std::nullopt;
    return key(value);
}

std::optional<reservation_type> parse_type(std::string_view written) {
    std::string upper(written);
    std::ranges::transform(upper, upper.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    for (const type_name& row : type_names) {
        if (upper == row.name || upper == std::to_string(static_cast<int>(row.type)))
            return row.type;
    }
    return std::nullopt;
}

std::string short_text(reservation_type type) {
    for (const type_name& row : type_names) {
        if (type == row.type)
            return std::string(row.name);
    }
    return std::to_string(static_cast<int>(type));
}

} // namespace sgpr::command_line
