// SPDX-License-Identifier: Apache-2.0
#include "sgpr/fake/unit.hpp"

#include "sgpr/src/big_endian.hpp"

#include <algorithm>
#include <string_view>

namespace sgpr::fake {
namespace {

constexpr std::string_view vendor = "CLUSBRDG";
constexpr std::string_view product = "FAKE DISK       ";
constexpr std::string_view revision = "0001";

void append_text(bytes& to, std::string_view text) {
    to.insert(to.end(), text.begin(), text.end());
}

bytes page_of(std::uint8_t page, const bytes& body) {
    bytes raw{0, page};
    append(raw, body.size(), 2);
    raw.insert(raw.end(), body.begin(), body.end());
    return raw;
}

/// `second` is association and type with PIV where the first byte names a protocol.
void append_designator(bytes& to, std::uint8_t first, std::uint8_t second, const bytes& value) {
    to.push_back(first);
    to.push_back(second);
    to.push_back(0);
    to.push_back(static_cast<std::uint8_t>(value.size()));
    to.insert(to.end(), value.begin(), value.end());
}

bytes designators(const settings& how, std::uint16_t target_port) {
    bytes naa{0x60, 0x01, 0x40, 0x50, 0, 0, 0, 0};
    append(naa, how.identity, 8);
    bytes t10;
    append_text(t10, vendor);
    append_text(t10, how.serial);
    bytes port{0, 0};
    append(port, target_port, 2);
    bytes body;
    append_designator(body, 0x01, 0x03, naa);
    append_designator(body, 0x02, 0x01, t10);
    if (how.target.target_ports) {
        append_designator(body, 0x61, 0x94, port); // SAS, target port, relative identifier
    }
    return body;
}

bytes block_limits_body() {
    bytes body(60);
    body[7] = 0x80; // at most 128 blocks
    return body;
}

} // namespace

bytes standard_inquiry() {
    bytes raw{0, 0, 6, 0x12, 31, 0, 0, 0x02};
    append_text(raw, vendor);
    append_text(raw, product);
    append_text(raw, revision);
    return raw;
}

bytes vital_product_page(const settings& how, std::uint16_t target_port, std::uint8_t page) {
    switch (page) {
    case 0x00:
        return page_of(page, {0x00, 0x80, 0x83, 0xb0, 0xb1, 0xb2});
    case 0x80:
        return page_of(page, bytes(how.serial.begin(), how.serial.end()));
    case 0x83:
        return page_of(page, designators(how, target_port));
    case 0xb0:
        return page_of(page, block_limits_body());
    case 0xb1: {
        bytes body(60);
        body[1] = 1; // no rotating medium
        return page_of(page, body);
    }
    case 0xb2:
        return page_of(page, {0, 0, 0, 0});
    default:
        return {};
    }
}

} // namespace sgpr::fake
