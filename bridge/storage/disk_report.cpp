// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage/disk_report.hpp"

#include "bridge/model/registry_bytes.hpp"
#include "bridge/win32/utf16.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace bridge::storage {

namespace {

using model::byte_reader;
using model::byte_writer;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_clean(std::string_view text) {
    return std::ranges::none_of(text, is_control) && win32::strict_utf16(text).has_value();
}

void write_texts(byte_writer& w, const std::vector<std::string>& texts) {
    w.number(static_cast<std::uint16_t>(texts.size()));
    for (const std::string& text : texts)
        w.text(text);
}

void write_flag(byte_writer& w, bool value) {
    w.number(static_cast<std::uint8_t>(value ? 1 : 0));
}

void write_volume(byte_writer& w, const model::disk_volume& v) {
    w.number(v.number);
    write_texts(w, v.names);
    w.number(v.offset);
    w.number(v.size);
    w.number(v.free);
    w.text(v.id);
    w.text(v.format);
    w.text(v.label);
    w.number(v.serial);
    write_flag(w, v.file_system);
    write_flag(w, v.ignores_case);
    write_flag(w, v.damaged.has_value());
    write_flag(w, v.damaged.value_or(false));
    write_texts(w, v.mount_points);
}

void write_disk(byte_writer& w, const model::disk& d) {
    w.text(d.id);
    write_texts(w, d.names);
    w.number(d.number);
    const model::disk_address address = d.address.value_or(model::disk_address{});
    write_flag(w, d.address.has_value());
    w.number(address.host);
    w.number(address.channel);
    w.number(address.target);
    w.number(address.unit);
    w.number(d.size);
    w.number(d.sector_size);
    w.number(static_cast<std::uint8_t>(d.layout));
    w.number(d.signature);
    w.text(d.guid);
    write_flag(w, d.system);
    write_flag(w, d.clusterable);
    w.number(static_cast<std::uint16_t>(d.volumes.size()));
    for (const model::disk_volume& volume : d.volumes)
        write_volume(w, volume);
}

std::string read_text(byte_reader& r) {
    std::string text = r.text(model::max_disk_text);
    if (!is_clean(text))
        r.fail();
    return text;
}

std::vector<std::string> read_texts(byte_reader& r, std::size_t limit) {
    std::vector<std::string> out;
    const std::size_t count = r.number_up_to<std::uint16_t>(limit);
    for (std::size_t i = 0; i < count && r.good(); ++i)
        out.push_back(read_text(r));
    return out;
}

bool read_flag(byte_reader& r) {
    return r.number_up_to<std::uint8_t>(1) == 1;
}

model::disk_volume read_volume(byte_reader& r) {
    model::disk_volume v;
    v.number = r.number<std::uint32_t>();
    v.names = read_texts(r, model::max_device_names);
    v.offset = r.number<std::uint64_t>();
    v.size = r.number<std::uint64_t>();
    v.free = r.number<std::uint64_t>();
    v.id = read_text(r);
    v.format = read_text(r);
    v.label = read_text(r);
    v.serial = r.number<std::uint32_t>();
    v.file_system = read_flag(r);
    v.ignores_case = read_flag(r);
    const bool known = read_flag(r);
    const bool damaged = read_flag(r);
    if (known)
        v.damaged = damaged;
    else if (damaged)
        r.fail();
    v.mount_points = read_texts(r, model::max_mount_points);
    return v;
}

std::optional<model::disk_address> read_address(byte_reader& r) {
    const bool known = read_flag(r);
    model::disk_address address;
    address.host = r.number<std::uint32_t>();
    address.channel = r.number<std::uint32_t>();
    address.target = r.number<std::uint32_t>();
    address.unit = r.number<std::uint64_t>();
    if (known)
        return address;
    if (address != model::disk_address{})
        r.fail();
    return std::nullopt;
}

model::disk read_disk(byte_reader& r) {
    model::disk d;
    d.id = read_text(r);
    d.names = read_texts(r, model::max_device_names);
    d.number = r.number<std::uint32_t>();
    d.address = read_address(r);
    d.size = r.number<std::uint64_t>();
    d.sector_size = r.number<std::uint32_t>();
    constexpr auto last = static_cast<std::size_t>(model::disk_layout::gpt);
    d.layout = static_cast<model::disk_layout>(r.number_up_to<std::uint8_t>(last));
    d.signature = r.number<std::uint32_t>();
    d.guid = read_text(r);
    d.system = read_flag(r);
    d.clusterable = read_flag(r);
    const std::size_t volumes = r.number_up_to<std::uint16_t>(model::max_disk_volumes);
    for (std::size_t i = 0; i < volumes && r.good(); ++i)
        d.volumes.push_back(read_volume(r));
    return d;
}

template <class T>
void shorten(std::vector<T>& list, std::size_t limit) {
    if (list.size() > limit)
        list.resize(limit);
}

/// Names and mount points that are too long are left out: a cut one would be another's.
void drop_long(std::vector<std::string>& list, std::size_t limit) {
    std::erase_if(list, [](const std::string& text) {
        return text.size() > model::max_disk_text || !is_clean(text);
    });
    shorten(list, limit);
}

void bound(model::disk& d) {
    d.id = clean_text(d.id);
    d.guid = clean_text(d.guid);
    drop_long(d.names, model::max_device_names);
    shorten(d.volumes, model::max_disk_volumes);
    for (model::disk_volume& v : d.volumes) {
        v.id = clean_text(v.id);
        v.format = clean_text(v.format);
        v.label = clean_text(v.label);
        drop_long(v.names, model::max_device_names);
        drop_long(v.mount_points, model::max_mount_points);
    }
}

} // namespace

std::string clean_text(std::string_view raw) {
    // Ill-formed UTF-8 comes back as U+FFFD.
    std::string text = win32::to_utf8(win32::to_utf16(raw.substr(0, model::max_disk_text)));
    std::ranges::replace_if(text, is_control, '?');
    while (text.size() > model::max_disk_text || !is_clean(text))
        text.pop_back();
    return text;
}

model::node_disks bounded(model::node_disks all) {
    shorten(all.disks, model::max_node_disks);
    std::size_t used = sizeof(std::uint32_t) + sizeof(std::uint16_t);
    for (std::size_t i = 0; i < all.disks.size(); ++i) {
        bound(all.disks[i]);
        std::vector<std::byte> bytes;
        byte_writer w(bytes);
        write_disk(w, all.disks[i]);
        used += bytes.size();
        if (used > max_report_bytes)
            shorten(all.disks, i);
    }
    return all;
}

std::vector<std::byte> encode_report(std::uint32_t node, const model::node_disks& report) {
    std::vector<std::byte> out;
    byte_writer w(out);
    w.number(node);
    w.number(static_cast<std::uint16_t>(report.disks.size()));
    for (const model::disk& disk : report.disks)
        write_disk(w, disk);
    return out;
}

std::optional<model::node_disks> decode_report(std::span<const std::byte> body,
                                               std::uint32_t sender) {
    byte_reader r(body);
    if (body.size() > max_report_bytes || r.number<std::uint32_t>() != sender)
        return std::nullopt;
    model::node_disks report;
    const std::size_t disks = r.number_up_to<std::uint16_t>(model::max_node_disks);
    for (std::size_t i = 0; i < disks && r.good(); ++i)
        report.disks.push_back(read_disk(r));
    if (!r.finished())
        return std::nullopt;
    return report;
}

} // namespace bridge::storage
