// SPDX-License-Identifier: Apache-2.0
// Which disk an administrator means.
#include "sgpr/inventory.hpp"

#include "sgpr/src/sysfs.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <system_error>

namespace sgpr {
namespace {

namespace fs = std::filesystem;
using reason = lookup_failure::reason;

constexpr std::size_t max_name = 512;

bool begins(std::string_view text, std::string_view with) {
    return text.substr(0, with.size()) == with;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return out;
}

bool is_hexadecimal(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return std::isxdigit(static_cast<unsigned char>(c)) != 0;
    });
}

/// The identities that a name may stand for, in lower case: "wwn-0x6001..." and "scsi-36001..." do
/// not say whether NAA or EUI-64, or say it in a digit.
std::vector<std::string> identities_in(std::string_view name) {
    std::string rest = lower(name.substr(name.find_last_of('/') + 1));
    for (const char* prefix : {"dm-uuid-mpath-", "mpath-", "scsi-", "wwn-", "nvme-"}) {
        if (begins(rest, prefix)) {
            rest.erase(0, std::string_view(prefix).size());
            break;
        }
    }
    if (begins(rest, "0x"))
        return {"naa." + rest.substr(2), "eui." + rest.substr(2)};
    std::vector<std::string> found{rest};
    if (is_hexadecimal(rest) && (rest.size() == 17 || rest.size() == 33 || rest.size() == 25)) {
        // udev and dm-multipath: designator type, then its digits.
        found.push_back((rest[0] == '2' ? "eui." : "naa.") + rest.substr(1));
    } else if (is_hexadecimal(rest)) {
        found.push_back("naa." + rest);
        found.push_back("eui." + rest);
    }
    return found;
}

std::vector<const disk*> with_identity(const inventory& all, std::string_view name) {
    const auto wanted = identities_in(name);
    std::vector<const disk*> found;
    for (const disk& one : all.disks) {
        if (one.identity && std::ranges::find(wanted, lower(text(*one.identity))) != wanted.end())
            found.push_back(&one);
    }
    return found;
}

bool is_path(const disk_path& path, std::string_view name) {
    if (name == path.block || name == path.generic)
        return !name.empty();
    const auto address = parse_scsi_address(name);
    return address && path.address && *address == *path.address;
}

std::vector<const disk*> with_device(const inventory& all, std::string_view name) {
    std::vector<const disk*> found;
    for (const disk& one : all.disks) {
        const bool map = one.map && (name == one.map->name || name == one.map->alias);
        if (map || std::ranges::any_of(one.paths,
                                       [&](const disk_path& path) { return is_path(path, name); }))
            found.push_back(&one);
    }
    return found;
}

/// The kernel's name behind a node or link of /dev; else the last part of the name.
std::string device_name(const machine& here, std::string_view name) {
    constexpr std::string_view dev = "/dev/";
    std::error_code error;
    const auto node = begins(name, dev) ? here.dev / name.substr(dev.size()) : fs::path(name);
    if (node.is_absolute()) {
        const auto real = fs::canonical(node, error);
        if (!error)
            return real.filename().string();
    }
    return fs::path(name).filename().string();
}

lookup_failure no_disk(const machine& here, const inventory& all, std::string_view name,
                       const std::string& device) {
    const std::string said(name.substr(0, max_name));
    std::error_code error;
    const auto folder = fs::canonical(here.sysfs / "class" / "block" / device, error);
    if (!error && fs::exists(folder / "partition", error)) {
        const auto whole = folder.parent_path().filename().string();
        return {reason::partition, said + " is a partition of " + whole +
                                       ", and a reservation is always on the whole disk: name " +
                                       whole};
    }
    if (!error && begins(device, "dm-")) {
        std::string below;
        for (const auto& slave : folder_names(folder / "slaves"))
            below += (below.empty() ? "" : ", ") + slave;
        return {reason::stacked, said + " is a volume on " +
                                     (below.empty() ? "other devices" : below) +
                                     ": name the disk below it"};
    }
    for (const skipped_device& one : all.skipped) {
        if (one.name == device)
            return {reason::unknown, said + ": " + one.why};
    }
    return {reason::unknown,
            "no disk is called " + said + ": `sgpr list` shows those that there are"};
}

} // namespace

boost::system::result<const disk*, lookup_failure>
find_disk(const inventory& all, const machine& here, std::string_view name) {
    if (name.empty() || name.size() > max_name)
        return lookup_failure{reason::unknown, "a disk's name has 1 to 512 characters"};
    const std::string device = device_name(here, name);
    auto found = with_device(all, device);
    if (found.empty())
        found = with_identity(all, name);
    if (found.size() == 1)
        return found.front();
    if (found.empty())
        return no_disk(here, all, name, device);
    std::string which;
    for (const disk* one : found)
        which += (which.empty() ? "" : ", ") + one->id();
    return lookup_failure{reason::ambiguous,
                          std::string(name) + " is more than one disk: say which of " + which};
}

} // namespace sgpr
