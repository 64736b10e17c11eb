// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/node_report.hpp"

#include "bridge/corosync/frame.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

namespace bridge::corosync {

namespace {

bool printable(const std::string& text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

model::link_address read_address(byte_reader& r, std::uint32_t node) {
    model::link_address a;
    a.node = node;
    a.link = r.u8();
    a.prefix_length = r.u8();
    const std::uint8_t dhcp = r.u8();
    a.dhcp = dhcp == 1;
    a.address = r.text(max_report_text);
    a.adapter = r.text(max_report_text);
    a.adapter_id = r.text(max_report_text);
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(a.address, error);
    const int longest = address.is_v6() ? 128 : 32;
    if (error || a.prefix_length > longest || a.link >= max_links || dhcp > 1 ||
        !printable(a.adapter) || !printable(a.adapter_id))
        r.fail();
    return a;
}

model::link_view read_view(byte_reader& r, std::uint32_t node) {
    model::link_view v;
    v.from = node;
    v.to = r.u32();
    v.link = r.u8();
    const std::uint8_t connected = r.u8();
    v.connected = connected == 1;
    if (v.link >= max_links || connected > 1)
        r.fail();
    return v;
}

} // namespace

std::vector<std::byte> encode_report(const node_report& report) {
    byte_writer w;
    w.u32(report.node);
    const std::size_t addresses = std::min(report.addresses.size(), max_links);
    w.u16(static_cast<std::uint16_t>(addresses));
    for (std::size_t i = 0; i < addresses; ++i) {
        const model::link_address& a = report.addresses[i];
        w.u8(static_cast<std::uint8_t>(a.link));
        w.u8(a.prefix_length);
        w.u8(a.dhcp ? 1 : 0);
        w.text(a.address);
        w.text(a.adapter.substr(0, max_report_text));
        w.text(a.adapter_id.substr(0, max_report_text));
    }
    const std::size_t views = std::min(report.views.size(), max_links * max_cluster_nodes);
    w.u16(static_cast<std::uint16_t>(views));
    for (std::size_t i = 0; i < views; ++i) {
        w.u32(report.views[i].to);
        w.u8(static_cast<std::uint8_t>(report.views[i].link));
        w.u8(report.views[i].connected ? 1 : 0);
    }
    return w.take();
}

std::optional<node_report> decode_report(std::span<const std::byte> body, std::uint32_t sender) {
    byte_reader r(body);
    node_report report;
    report.node = r.u32();
    if (report.node != sender)
        return std::nullopt;
    const std::size_t addresses = r.u16();
    if (addresses > max_links)
        return std::nullopt;
    std::set<std::uint32_t> links;
    for (std::size_t i = 0; i < addresses && r.ok(); ++i) {
        report.addresses.push_back(read_address(r, sender));
        if (!links.insert(report.addresses.back().link).second)
            return std::nullopt;
    }
    const std::size_t views = r.u16();
    if (views > max_links * max_cluster_nodes)
        return std::nullopt;
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
    for (std::size_t i = 0; i < views && r.ok(); ++i) {
        report.views.push_back(read_view(r, sender));
        if (!seen.emplace(report.views.back().to, report.views.back().link).second)
            return std::nullopt;
    }
    if (!r.ok() || !r.at_end())
        return std::nullopt;
    return report;
}

} // namespace bridge::corosync
