// SPDX-License-Identifier: Apache-2.0
#include "sgpr/command/blocks.hpp"

#include "sgpr/command/json.hpp"
#include "sgpr/command/views.hpp"

#include <boost/algorithm/hex.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sgpr::command_line {
namespace {

/// A path to act through, and how large the disk is there.
struct way {
    target of{};
    path* through = nullptr;
    capacity size{};
};
using found_way = std::variant<way, exit_code>;

unit_access access_of(const block_request& what) {
    return what.forced ? unit_access::forced : unit_access::cached;
}

bool is_named(const disk_path& path, const std::string& name) {
    return name.empty() || path.block == name || path.generic == name || path.node == name ||
           "/dev/" + path.block == name;
}

/// The first path of that name that tells the capacity.
found_way find_way(const console& with, const block_request& what) {
    auto opened = open_target(with, what.disk);
    if (const auto* status = std::get_if<exit_code>(&opened))
        return *status;
    way found{.of = std::move(std::get<target>(opened))};
    const auto names = found.of.unit().path_names();
    std::optional<failure> problem;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& known = found.of.which.paths;
        const bool wanted = std::ranges::any_of(known, [&](const disk_path& one) {
            return (one.block == found.of.opened.names.at(i) ||
                    one.generic == found.of.opened.names.at(i)) &&
                   is_named(one, what.path);
        });
        if (!wanted)
            continue;
        found.through = found.of.unit().find_path(names[i]);
        const auto size = read_capacity(*found.through);
        if (size) {
            found.size = *size;
            return found;
        }
        problem = size.error();
    }
    if (problem)
        return complain(with, "reading the capacity of " + found.of.which.device(), *problem);
    return complain(with, exit_no_such_object,
                    what.path + " is no path of " + found.of.which.device());
}

bool within(const way& on, std::uint64_t block, std::uint64_t count) {
    return count != 0 && block < on.size.blocks && count <= on.size.blocks - block &&
           count <= max_block_bytes / on.size.block_size;
}

exit_code out_of_range(const console& with, const way& on) {
    return complain(with, exit_bad_parameter,
                    on.of.which.device() + " has " + std::to_string(on.size.blocks) +
                        " blocks of " + std::to_string(on.size.block_size) +
                        " bytes; one call takes 1 to " +
                        std::to_string(max_block_bytes / on.size.block_size) + " of them");
}

/// Something on this machine would not notice what changes below it.
std::string used_as(const console& with, const std::string& name) {
    const inventory all = take_inventory(with.here, with.time);
    const auto found = find_disk(all, with.here, name);
    if (!found)
        return found.error().text;
    const disk& it = **found;
    for (const disk_flag flag : {disk_flag::system, disk_flag::mounted, disk_flag::dynamic,
                                 disk_flag::multipath, disk_flag::read_only})
        if (it.flags.has(flag))
            return std::string(explanation(flag));
    return {};
}

/// One byte more than may be, so that too much is noticed.
bytes read_all(std::istream& in) {
    std::string text(max_block_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    bytes data(static_cast<std::size_t>(in.gcount()));
    std::ranges::transform(text.begin(), text.begin() + in.gcount(), data.begin(),
                           [](char c) { return static_cast<bytes::value_type>(c); });
    return data;
}

} // namespace

exit_code read_disk(const console& with, const block_request& what) {
    const found_way found = find_way(with, what);
    if (const auto* status = std::get_if<exit_code>(&found))
        return *status;
    const auto& on = std::get<way>(found);
    if (!within(on, what.block, what.count))
        return out_of_range(with, on);
    const auto data = read_blocks(*on.through, on.size, what.block, what.count, access_of(what));
    if (!data)
        return complain(with, "reading " + on.of.which.device(), data.error());
    if (with.json) {
        std::string hex;
        boost::algorithm::hex_lower(reinterpret_cast<const unsigned char*>(data->data()),
                                    reinterpret_cast<const unsigned char*>(data->data()) +
                                        data->size(),
                                    std::back_inserter(hex));
        print(with, boost::json::object{{"id", on.of.which.id()},
                                        {"path", std::string(on.through->name())},
                                        {"block", what.block},
                                        {"block_size", on.size.block_size},
                                        {"data", hex}});
        return exit_ok;
    }
    with.out.write(reinterpret_cast<const char*>(data->data()),
                   static_cast<std::streamsize>(data->size()));
    return with.out.flush() ? exit_ok : exit_error;
}

exit_code write_disk(const console& with, const block_request& what) {
    if (!what.i_know)
        return complain(with, exit_needs_force,
                        "what is on these blocks is lost, and nothing else of this machine "
                        "learns of it: say --i-know if that is meant");
    if (const std::string why = used_as(with, what.disk); !why.empty())
        return complain(with, exit_refused, what.disk + " is left alone: " + why);
    const found_way found = find_way(with, what);
    if (const auto* status = std::get_if<exit_code>(&found))
        return *status;
    const auto& on = std::get<way>(found);
    const bytes data = with.in == nullptr ? bytes() : read_all(*with.in);
    if (data.size() % on.size.block_size != 0)
        return complain(with, exit_bad_parameter,
                        "standard input is " + std::to_string(data.size()) +
                            " bytes, which is not whole blocks of " +
                            std::to_string(on.size.block_size));
    if (!within(on, what.block, data.size() / on.size.block_size))
        return out_of_range(with, on);
    const auto done = write_blocks(*on.through, on.size, what.block, data, access_of(what));
    if (!done)
        return complain(with, "writing to " + on.of.which.device(), done.error());
    if (with.json)
        print(with, boost::json::object{{"id", on.of.which.id()},
                                        {"path", std::string(on.through->name())},
                                        {"block", what.block},
                                        {"blocks", data.size() / on.size.block_size}});
    return exit_ok;
}

} // namespace sgpr::command_line
