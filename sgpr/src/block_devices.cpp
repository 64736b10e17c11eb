// SPDX-License-Identifier: Apache-2.0
#include "sgpr/src/block_devices.hpp"

#include "sgpr/src/sysfs.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>
#include <systemd/sd-hwdb.h>

namespace sgpr {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_page_bytes = 65536 + 4; // a VPD page's length has 16 bits
constexpr std::size_t max_adapter_text = 259;
constexpr std::size_t max_maps = 4096;

template <class Number>
Number number_in(const fs::path& file, Number otherwise = 0) {
    const auto text = read_attribute(file);
    Number value = 0;
    if (!text)
        return otherwise;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    return error == std::errc() && end == text->data() + text->size() ? value : otherwise;
}

std::string text_in(const fs::path& file) {
    return read_attribute(file).value_or(std::string());
}

std::optional<std::vector<std::uint8_t>> bytes_in(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return std::nullopt;
    std::vector<std::uint8_t> raw(max_page_bytes);
    in.read(reinterpret_cast<char*>(raw.data()), static_cast<std::streamsize>(raw.size()));
    raw.resize(static_cast<std::size_t>(in.gcount()));
    return raw.empty() || in.bad() ? std::nullopt : std::optional(std::move(raw));
}

bool begins(std::string_view text, std::string_view with) {
    return text.substr(0, with.size()) == with;
}

/// "sdb" before "sdaa".
bool natural_less(const std::string& one, const std::string& other) {
    return one.size() != other.size() ? one.size() < other.size() : one < other;
}

bool is_disk_type(const fs::path& device) {
    const auto type = read_attribute(device / "type");
    return type == "0" || type == "14";
}

void describe_scsi(kernel_disk& found) {
    found.state = text_in(found.folder / "state");
    found.page_83 = bytes_in(found.folder / "vpd_pg83");
    const auto generic = folder_names(found.folder / "scsi_generic");
    if (!generic.empty())
        found.generic = generic.front();
}

std::optional<kernel_disk> describe(const fs::path& block, const std::string& name) {
    std::error_code error;
    kernel_disk found{.block = name, .folder = fs::canonical(block / "device", error)};
    if (error || read_attribute(block / "hidden") == "1")
        return std::nullopt; // built on others (loop, dm, md), or a part of something shown
    found.address = parse_scsi_address(found.folder.filename().string());
    if (found.address && !is_disk_type(found.folder))
        return std::nullopt;
    found.removable = read_attribute(block / "removable") == "1";
    found.bytes = number_in<std::uint64_t>(block / "size") * 512; // whatever the block size is
    found.logical_block_size =
        number_in<std::uint32_t>(block / "queue" / "logical_block_size", 512);
    found.physical_block_size = number_in<std::uint32_t>(block / "queue" / "physical_block_size");
    found.model = text_in(found.folder / "model");
    found.serial = text_in(block / "serial");
    if (found.serial.empty())
        found.serial = text_in(found.folder / "serial");
    if (found.address)
        describe_scsi(found);
    return found;
}

std::string hardware_name(const std::string& alias) {
    ::sd_hwdb* database = nullptr;
    if (::sd_hwdb_new(&database) < 0)
        return {};
    const char* vendor = nullptr;
    const char* model = nullptr;
    std::string name;
    if (::sd_hwdb_get(database, alias.c_str(), "ID_VENDOR_FROM_DATABASE", &vendor) >= 0)
        name = vendor;
    if (::sd_hwdb_get(database, alias.c_str(), "ID_MODEL_FROM_DATABASE", &model) >= 0)
        name += (name.empty() ? "" : " ") + std::string(model);
    ::sd_hwdb_unref(database);
    return name;
}

} // namespace

std::vector<kernel_disk> kernel_disks(const fs::path& sysfs) {
    std::vector<kernel_disk> found;
    auto names = folder_names(sysfs / "block");
    std::ranges::sort(names, natural_less);
    for (const auto& name : names) {
        if (auto one = describe(sysfs / "block" / name, name))
            found.push_back(std::move(*one));
    }
    return found;
}

std::vector<multipath_map> multipath_maps(const fs::path& sysfs) {
    std::vector<multipath_map> found;
    auto names = folder_names(sysfs / "block");
    std::ranges::sort(names, natural_less);
    for (const auto& name : names) {
        const auto folder = sysfs / "block" / name;
        if (!begins(name, "dm-") || !begins(text_in(folder / "dm" / "uuid"), "mpath-"))
            continue;
        found.push_back({.name = name,
                         .alias = text_in(folder / "dm" / "name"),
                         .slaves = folder_names(folder / "slaves")});
        if (found.size() == max_maps)
            break;
    }
    return found;
}

bus_type bus_above(const kernel_disk& device) {
    for (auto here = device.folder; here.has_relative_path(); here = here.parent_path()) {
        const auto name = here.filename().string();
        std::error_code error;
        if (begins(name, "session") && fs::exists(here / "iscsi_session", error))
            return bus_type::iscsi;
        if (begins(name, "host") && fs::exists(here / "fc_host", error))
            return bus_type::fibre_channel;
        if (begins(name, "host") && fs::exists(here / "sas_host", error))
            return bus_type::sas;
        if (begins(name, "ata"))
            return bus_type::ata;
        if (begins(name, "usb"))
            return bus_type::usb;
        if (begins(name, "nvme"))
            return bus_type::nvme;
        if (begins(name, "virtio"))
            return device.address ? bus_type::scsi : bus_type::virtio;
    }
    return bus_type::unknown;
}

std::string adapter_of(const kernel_disk& device, const fs::path& sysfs) {
    std::string driver;
    std::string found;
    for (auto here = device.folder; here.has_relative_path() && found.empty();
         here = here.parent_path()) {
        const auto name = here.filename().string();
        if (driver.empty() && begins(name, "host"))
            driver = text_in(sysfs / "class" / "scsi_host" / name / "proc_name");
        const auto alias = text_in(here / "modalias");
        if (begins(alias, "pci:"))
            found = hardware_name(alias);
    }
    if (found.empty())
        found = driver;
    found.resize(std::min(found.size(), max_adapter_text));
    return found;
}

} // namespace sgpr
