// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage/listed_disks.hpp"

#include "bridge/storage/disk_report.hpp"
#include "bridge/win32/guid.hpp"

#include "sgpr/disk.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

namespace bridge::storage {

namespace {

namespace json = boost::json;

constexpr std::size_t max_file_bytes = 4U << 20;

[[noreturn]] void refuse(const std::string& why) {
    throw std::runtime_error(why);
}

std::string text_in(const json::object& from, std::string_view key) {
    const json::value* found = from.if_contains(key);
    if (found == nullptr)
        return {};
    if (!found->is_string())
        refuse(std::string(key) + " is no text");
    return std::string(found->as_string());
}

template <class Number>
Number number_in(const json::object& from, std::string_view key, Number fallback = 0) {
    const json::value* found = from.if_contains(key);
    if (found == nullptr)
        return fallback;
    boost::system::error_code error;
    const auto number = found->to_number<Number>(error);
    if (error)
        refuse(std::string(key) + " is no number, or too large");
    return number;
}

bool flag_in(const json::object& from, std::string_view key) {
    const json::value* found = from.if_contains(key);
    if (found != nullptr && !found->is_bool())
        refuse(std::string(key) + " is neither true nor false");
    return found != nullptr && found->as_bool();
}

const json::array& list_in(const json::object& from, std::string_view key) {
    static const json::array none;
    const json::value* found = from.if_contains(key);
    if (found == nullptr)
        return none;
    if (!found->is_array())
        refuse(std::string(key) + " is no list");
    return found->as_array();
}

std::vector<std::string> texts_in(const json::object& from, std::string_view key) {
    std::vector<std::string> out;
    for (const json::value& one : list_in(from, key)) {
        if (!one.is_string())
            refuse(std::string(key) + " holds something else than texts");
        out.emplace_back(one.as_string());
    }
    return out;
}

const json::object& object_of(const json::value& value, std::string_view what) {
    if (!value.is_object())
        refuse("a " + std::string(what) + " is no object");
    return value.as_object();
}

std::string guid_in(const json::object& from, std::string_view key) {
    const std::string given = text_in(from, key);
    const auto guid = win32::parse_guid(given);
    if (!given.empty() && !guid)
        refuse(std::string(key) + " is no GUID");
    return guid ? win32::to_string(*guid) : std::string();
}

model::disk_volume volume_of(const json::object& from) {
    model::disk_volume v;
    v.number = number_in<std::uint32_t>(from, "number", 1);
    v.names = texts_in(from, "names");
    v.offset = number_in<std::uint64_t>(from, "offset");
    v.size = number_in<std::uint64_t>(from, "bytes");
    v.free = number_in<std::uint64_t>(from, "free_bytes");
    v.id = guid_in(from, "guid");
    v.format = text_in(from, "file_system");
    v.file_system = !v.format.empty();
    if (v.format.empty())
        v.format = "RAW";
    v.label = text_in(from, "label");
    v.serial = number_in<std::uint32_t>(from, "serial");
    v.ignores_case = flag_in(from, "ignores_case");
    if (from.contains("damaged"))
        v.damaged = flag_in(from, "damaged");
    v.mount_points = texts_in(from, "mount_points");
    return v;
}

model::disk disk_of(const json::object& from) {
    model::disk d;
    d.id = text_in(from, "id");
    if (d.id.empty())
        refuse("a disk has no id");
    d.names = texts_in(from, "names");
    if (const std::string written = text_in(from, "scsi_address"); !written.empty()) {
        const auto address = sgpr::parse_scsi_address(written);
        if (!address)
            refuse("scsi_address is not HOST:CHANNEL:TARGET:UNIT");
        d.address = {address->host, address->channel, address->target, address->unit};
    }
    d.size = number_in<std::uint64_t>(from, "bytes");
    d.sector_size = number_in<std::uint32_t>(from, "sector_bytes", d.sector_size);
    d.guid = guid_in(from, "guid");
    d.signature = number_in<std::uint32_t>(from, "signature");
    d.layout = !d.guid.empty()    ? model::disk_layout::gpt
               : d.signature != 0 ? model::disk_layout::mbr
                                  : model::disk_layout::none;
    d.clusterable = flag_in(from, "clusterable");
    for (const json::value& volume : list_in(from, "volumes"))
        d.volumes.push_back(volume_of(object_of(volume, "volume")));
    return d;
}

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in)
        refuse("it cannot be read");
    std::string text;
    for (char c = 0; in.get(c);) {
        if (text.size() == max_file_bytes)
            refuse("it is larger than 4 MiB");
        text.push_back(c);
    }
    return text;
}

model::node_disks read_file(const std::filesystem::path& file) {
    try {
        return parse_disk_list(content_of(file));
    } catch (const std::exception& problem) {
        refuse("disks of " + file.string() + ": " + problem.what());
    }
}

} // namespace

model::node_disks parse_disk_list(std::string_view text) {
    boost::system::error_code error;
    const json::value whole = json::parse(text, error);
    if (error)
        refuse("no JSON: " + error.message());
    model::node_disks out;
    for (const json::value& disk : list_in(object_of(whole, "list of disks"), "disks"))
        out.disks.push_back(disk_of(object_of(disk, "disk")));
    out = bounded(std::move(out));
    std::ranges::stable_sort(out.disks, {}, &model::disk::id);
    for (std::size_t i = 0; i < out.disks.size(); ++i)
        out.disks[i].number = static_cast<std::uint32_t>(i);
    return out;
}

listed_disks::listed_disks() : all_(std::make_shared<const model::node_disks>()) {}

listed_disks::listed_disks(const std::filesystem::path& file)
    : all_(std::make_shared<const model::node_disks>(read_file(file))) {}

} // namespace bridge::storage
