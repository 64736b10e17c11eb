// SPDX-License-Identifier: Apache-2.0
#include "sgpr/command/views.hpp"

#include "sgpr/command/json.hpp"

#include <boost/json/array.hpp>

#include <array>
#include <cstdio>

namespace sgpr::command_line {
namespace {

std::string joined(const std::vector<std::string>& parts, const char* otherwise) {
    std::string out;
    for (const auto& part : parts)
        out += (out.empty() ? "" : ",") + part;
    return out.empty() ? otherwise : out;
}

std::string joined(const std::vector<disk_flag>& flags, const char* otherwise) {
    std::vector<std::string> names;
    for (const disk_flag flag : flags)
        names.emplace_back(text(flag));
    return joined(names, otherwise);
}

std::string size_text(const std::optional<capacity>& size) {
    if (!size)
        return "?";
    constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = static_cast<double>(size->blocks) * size->block_size;
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < units.size(); ++unit)
        value /= 1024;
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), value < 10 && unit > 0 ? "%.1f %s" : "%.0f %s", value,
                  units.at(unit));
    return out.data();
}

std::string paths_text(const disk& one) {
    std::size_t live = 0;
    for (const disk_path& path : one.paths)
        live += path.live ? 1 : 0;
    const auto all = std::to_string(one.paths.size());
    return live == one.paths.size() ? all : std::to_string(live) + " of " + all;
}

std::string content_text(const disk_content& content) {
    std::string out(text(content.style));
    if (content.signature) {
        std::array<char, 16> digits{};
        std::snprintf(digits.data(), digits.size(), " %08x",
                      static_cast<unsigned>(*content.signature));
        out += digits.data();
    }
    if (!content.guid.empty())
        out += ' ' + content.guid;
    return out;
}

void print_facts(std::ostream& out, const disk& one) {
    const auto line = [&out](const char* name, const std::string& value) {
        if (!value.empty())
            out << name << value << '\n';
    };
    line("disk:          ", one.device());
    line("id:            ", one.identity ? text(*one.identity) : "none (no page 83h)");
    line("vendor:        ", one.vendor);
    line("product:       ", one.product + (one.revision.empty() ? "" : ' ' + one.revision));
    line("serial:        ", one.serial);
    line("bus:           ", std::string(text(one.bus)));
    line("adapter:       ", one.adapter);
    line("size:          ", size_text(one.size));
    if (one.size)
        line("blocks:        ", std::to_string(one.size->blocks) + " of " +
                                    std::to_string(one.size->block_size) + " bytes (physical " +
                                    std::to_string(one.physical_block_size) + ")");
    line("partitions:    ",
         content_text(one.content) + ", " + std::to_string(one.content.partitions));
    line("formats:       ", joined(one.content.formats, ""));
    line("mounted at:    ", joined(one.mount_points, ""));
    line("reservation:   ", one.reservations ? held_text(*one.reservations) : "cannot be read");
    line("keys:          ",
         one.reservations ? std::to_string(one.reservations->keys.size()) : std::string());
    line("flags:         ", joined(one.flags.all(), "none"));
    line("clusterable:   ", one.clusterable() ? "yes" : "no");
    for (const disk_flag flag : one.flags.obstacles())
        out << "               - " << explanation(flag) << '\n';
}

table paths_table(const disk& one) {
    table paths({"PATH", "SG", "ADDRESS", "STATE", "MAP", "INITIATOR", "PORT"});
    for (const disk_path& path : one.paths) {
        paths.add({path.block, path.generic.empty() ? "-" : path.generic,
                   path.address ? text(*path.address) : "-",
                   path.problem ? text(*path.problem)
                                : (path.state.empty() ? std::string("-") : path.state),
                   path.in_map ? one.map->name : "-",
                   path.initiator ? text(*path.initiator) : "unknown",
                   path.target_port ? std::to_string(*path.target_port) : "-"});
    }
    return paths;
}

exit_code list_as_json(const console& with, const inventory& all) {
    boost::json::object out;
    boost::json::array& disks = out["disks"].emplace_array();
    for (const disk& one : all.disks)
        disks.emplace_back(to_json(one));
    boost::json::array& skipped = out["skipped"].emplace_array();
    for (const skipped_device& one : all.skipped)
        skipped.emplace_back(boost::json::object{{"block", one.name}, {"why", one.why}});
    print(with, out);
    return exit_ok;
}

/// Path names beside the registrations that are theirs: "sda".
std::string path_of(const reservation_picture& picture, const registration& entry,
                    const target& of) {
    reservation_picture alone;
    alone.generation = picture.generation;
    alone.registrations = {entry};
    std::size_t i = 0;
    for (const std::string& name : of.unit().path_names()) {
        path* const way = of.unit().find_path(name);
        const auto found = registration_in(alone, *way, entry.registered);
        if (found.registered && found.how == evidence::by_nexus)
            return of.opened.names.at(i);
        ++i;
    }
    return "-";
}

void print_status(std::ostream& out, const reservation_picture& picture, const target& of) {
    out << "generation " << picture.generation << ", reservation: " << held_text(picture) << '\n';
    if (!picture.registrations) {
        table keys({"KEY"});
        for (const key one : picture.keys)
            keys.add({text(one)});
        keys.print(out);
        return;
    }
    table all({"KEY", "HOLDER", "PORT", "PATH", "INITIATOR"});
    for (const registration& one : *picture.registrations) {
        all.add({text(one.registered), one.holds ? short_text(*one.holds) : "-",
                 one.all_target_ports ? "all" : std::to_string(one.relative_target_port),
                 path_of(picture, one, of), text(one.initiator)});
    }
    all.print(out);
}

} // namespace

std::string held_text(const reservation_picture& picture) {
    if (!picture.held)
        return "none";
    std::string out = short_text(picture.held->type);
    return out + (picture.held->holder ? " by " + text(picture.held->holder)
                                       : std::string(" by every registrant"));
}

exit_code list_disks(const console& with) {
    const inventory all = take_inventory(with.here, with.time);
    if (with.json)
        return list_as_json(with, all);
    table disks({"DISK", "ID", "SIZE", "BUS", "PATHS", "STYLE", "RESERVATION", "CLUSTERABLE"});
    for (const disk& one : all.disks) {
        disks.add({one.device(), one.identity ? text(*one.identity) : "-", size_text(one.size),
                   std::string(text(one.bus)), paths_text(one),
                   std::string(text(one.content.style)),
                   one.reservations ? held_text(*one.reservations) : "-",
                   one.clusterable() ? "yes" : "no: " + joined(one.flags.obstacles(), "")});
    }
    disks.print(with.out);
    for (const skipped_device& one : all.skipped)
        complain(with, exit_ok, one.name + " is left out: " + one.why);
    return exit_ok;
}

exit_code show_disk(const console& with, const std::string& name) {
    const inventory all = take_inventory(with.here, with.time);
    const auto found = find_disk(all, with.here, name);
    if (!found)
        return complain(with,
                        found.error().why == lookup_failure::reason::unknown ? exit_no_such_object
                                                                             : exit_bad_parameter,
                        found.error().text);
    if (with.json) {
        print(with, to_json(**found));
        return exit_ok;
    }
    print_facts(with.out, **found);
    with.out << '\n';
    paths_table(**found).print(with.out);
    return exit_ok;
}

exit_code show_reservations(const console& with, const std::string& name, reservation_view what) {
    const auto opened = open_target(with, name);
    if (const auto* status = std::get_if<exit_code>(&opened))
        return *status;
    const auto& of = std::get<target>(opened);
    const auto picture = of.unit().read_picture();
    if (!picture)
        return complain(with, "reading the reservations of " + of.which.device(), picture.error());
    if (with.json) {
        auto out = to_json(*picture);
        out["id"] = text(of.unit().identity());
        print(with, out);
        return exit_ok;
    }
    switch (what) {
    case reservation_view::keys:
        for (const key one : picture->keys)
            with.out << text(one) << '\n';
        break;
    case reservation_view::reservation:
        with.out << held_text(*picture) << '\n';
        break;
    case reservation_view::status:
        with.out << of.which.device() << " (" << text(of.unit().identity()) << ")\n";
        print_status(with.out, *picture, of);
        break;
    }
    return exit_ok;
}

} // namespace sgpr::command_line
