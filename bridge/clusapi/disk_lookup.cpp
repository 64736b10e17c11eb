// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/disk_lookup.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace bridge::clusapi {

namespace {

constexpr std::string_view of_a_device = "/dev/";

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return out;
}

bool drop_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

bool is_hexadecimal(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Digits of an NAA or EUI-64 identifier.
constexpr std::size_t short_identity = 16;
constexpr std::size_t long_identity = 32;

const std::string* text_of(const model::resource& resource, std::string_view property) {
    const model::property* found = model::find_property(resource.private_properties, property);
    const auto* text = found ? std::get_if<std::string>(&found->value) : nullptr;
    return text && !text->empty() ? text : nullptr;
}

std::uint32_t number_of(const model::resource& resource, std::string_view property) {
    const model::property* found = model::find_property(resource.private_properties, property);
    const auto* number = found ? std::get_if<std::uint32_t>(&found->value) : nullptr;
    return number ? *number : 0;
}

bool has_name(const model::disk& disk, std::string_view name) {
    return std::ranges::find(disk.names, name) != disk.names.end();
}

bool has_identity(const model::disk& disk, std::string_view identity) {
    return !identity.empty() && (disk.id == identity || lower(disk.id) == identity);
}

template <class Matches>
const model::disk* first(const model::node_disks& disks, Matches matches) {
    const auto found = std::ranges::find_if(disks.disks, matches);
    return found == disks.disks.end() ? nullptr : &*found;
}

/// A path that this node knows; else what its last part says, as the agent has it where the device
/// is not there.
const model::disk* with_path(const model::node_disks& disks, std::string_view path) {
    if (path.starts_with('/')) {
        if (const auto* found = first(disks, [&](const auto& d) { return has_name(d, path); }))
            return found;
        path.remove_prefix(path.rfind('/') + 1);
    }
    const std::string identity = identity_in(path);
    return first(disks, [&](const auto& d) { return has_identity(d, identity); });
}

/// mount(8) and the agents of file systems know these forms, udev makes links of them.
std::string device_path(std::string_view given) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> forms{
        {{"UUID=", "/dev/disk/by-uuid/"},
         {"LABEL=", "/dev/disk/by-label/"},
         {"PARTUUID=", "/dev/disk/by-partuuid/"},
         {"PARTLABEL=", "/dev/disk/by-partlabel/"}}};
    for (const auto& [form, folder] : forms)
        if (drop_prefix(given, form))
            return std::string(folder).append(given);
    return std::string(given);
}

std::set<std::string> named_devices(const model::snapshot& cluster) {
    std::set<std::string> found;
    for (const auto& resource : cluster.resources)
        for (const model::property& p : resource->private_properties)
            if (const auto* text = std::get_if<std::string>(&p.value))
                if (auto path = device_path(*text); path.starts_with(of_a_device))
                    found.insert(std::move(path));
    return found;
}

bool any_in(const std::vector<std::string>& names, const std::set<std::string>& devices) {
    return std::ranges::any_of(names,
                               [&](const std::string& name) { return devices.contains(name); });
}

bool is_below(std::string_view path, std::string_view point) {
    if (!path.starts_with(point))
        return false;
    return point.ends_with('/') || path.size() == point.size() || path[point.size()] == '/';
}

} // namespace

std::string identity_in(std::string_view name) {
    const std::string folded = lower(name);
    std::string_view rest = folded;
    for (const std::string_view prefix : {"wwn-", "scsi-", "dm-uuid-mpath-"})
        drop_prefix(rest, prefix);
    if (rest.starts_with("t10."))
        return std::string(name);
    if (rest.starts_with("naa.") || rest.starts_with("eui."))
        return std::string(rest);
    // udev's names begin with the designator's type.
    const bool typed = rest.size() == short_identity + 1 || rest.size() == long_identity + 1;
    if (!drop_prefix(rest, "0x") && typed) {
        if (rest.size() == short_identity + 1 && rest.front() == '2' && is_hexadecimal(rest))
            return "eui." + std::string(rest.substr(1));
        drop_prefix(rest, "3");
    }
    const bool whole = rest.size() == short_identity || rest.size() == long_identity;
    return whole && is_hexadecimal(rest) ? "naa." + std::string(rest) : std::string();
}

const model::disk* disk_of(const model::node_disks& disks, const model::resource& resource) {
    if (const std::string* path = text_of(resource, "DiskPath"))
        return with_path(disks, *path);
    if (const std::string* guid = text_of(resource, "DiskIdGuid")) {
        const auto wanted = win32::parse_guid(*guid);
        return wanted ? find_disk(disks, {.type = 2, .guid = *wanted}) : nullptr;
    }
    return find_disk(disks, {.type = 1, .signature = number_of(resource, "DiskSignature")});
}

std::set<const model::disk*> used_disks(const model::node_disks& disks,
                                        const model::snapshot& cluster) {
    std::set<const model::disk*> used;
    for (const auto& resource : cluster.resources)
        if (resource->class_ == model::resource_class::storage)
            if (const model::disk* disk = disk_of(disks, *resource))
                used.insert(disk);
    const auto devices = named_devices(cluster);
    for (const model::disk& disk : disks.disks) {
        const bool named =
            any_in(disk.names, devices) || std::ranges::any_of(disk.volumes, [&](const auto& v) {
                return any_in(v.names, devices);
            });
        if (named)
            used.insert(&disk);
    }
    return used;
}

place place_of(const model::node_disks& disks, std::string_view path) {
    place best;
    std::size_t depth = 0;
    for (const model::disk& disk : disks.disks)
        for (const model::disk_volume& volume : disk.volumes)
            for (const std::string& point : volume.mount_points)
                if (point.size() > depth && is_below(path, point)) {
                    best = {&disk, &volume};
                    depth = point.size();
                }
    return best;
}

const model::disk* find_disk(const model::node_disks& disks, const disk_key& key) {
    if (key.type == 1 && key.signature != 0)
        return first(disks, [&](const model::disk& d) {
            return d.layout == model::disk_layout::mbr && d.signature == key.signature;
        });
    if (key.type == 2 && !key.guid.is_null())
        return first(disks, [wanted = win32::to_string(key.guid)](const model::disk& d) {
            return d.layout == model::disk_layout::gpt && d.guid == wanted;
        });
    return nullptr;
}

} // namespace bridge::clusapi
