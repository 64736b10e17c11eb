// SPDX-License-Identifier: Apache-2.0
#include "sgpr/vpd.hpp"

#include "sgpr/commands.hpp"
#include "sgpr/path.hpp"
#include "sgpr/src/big_endian.hpp"
#include "sgpr/src/malformed.hpp"

#include <algorithm>
#include <tuple>

namespace sgpr {
namespace {

constexpr std::uint8_t supported_pages = 0x00;
constexpr std::uint8_t unit_serial = 0x80;
constexpr std::uint8_t device_identification = 0x83;

/// What follows the 4 bytes of a page's header; nothing if it is another page or cut off.
std::optional<byte_view> body_of(byte_view raw, std::uint8_t page) {
    if (raw.size() < 4 || raw[1] != page || raw.size() < 4U + u16(raw, 2)) {
        return std::nullopt;
    }
    return part(raw, 4, u16(raw, 2));
}

/// Smaller is better; nothing: no name that is unique in the world.
std::optional<int> rank(const designator& one) {
    if (one.of != association::logical_unit) {
        return std::nullopt;
    }
    switch (one.type) {
    case designator_type::naa:
        // Locally assigned names (NAA 3h) are unique nowhere.
        return (one.value.size() == 16 || one.value.size() == 8) && one.value[0] >> 4 != 3
                   ? std::optional(one.value.size() == 16 ? 0 : 1)
                   : std::nullopt;
    case designator_type::eui_64:
        return one.value.size() == 16   ? std::optional(2)
               : one.value.size() == 12 ? std::optional(3)
               : one.value.size() == 8  ? std::optional(4)
                                        : std::nullopt;
    case designator_type::uuid:
        return one.value.size() == 18 ? std::optional(5) : std::nullopt;
    case designator_type::scsi_name:
        return one.value.size() > 4 ? std::optional(6) : std::nullopt;
    case designator_type::t10_vendor:
        return one.value.size() > 8 ? std::optional(7) : std::nullopt;
    default:
        return std::nullopt;
    }
}

std::string uuid_text(byte_view value) {
    std::string line = hex(part(value, 2, 16));
    for (const std::size_t at : {20U, 16U, 12U, 8U}) {
        line.insert(std::min(at, line.size()), 1, '-');
    }
    return line;
}

result<bytes> read_once(path& on, std::uint8_t page, std::uint16_t allocation) {
    auto got = on.execute(vital_product_command(page, allocation));
    if (!got) {
        // "Invalid field in CDB" is how a device says that it has no such page.
        return got.error().code == errc::invalid
                   ? failure{.code = errc::unsupported, .sense = got.error().sense}
                   : got.error();
    }
    if (got->size() < 4 || (*got)[1] != page) {
        return malformed();
    }
    return got;
}

} // namespace

result<std::vector<std::uint8_t>> parse_supported_pages(byte_view raw) {
    const auto body = body_of(raw, supported_pages);
    if (!body) {
        return malformed();
    }
    return std::vector<std::uint8_t>(body->begin(), body->end());
}

result<std::string> parse_unit_serial(byte_view raw) {
    const auto body = body_of(raw, unit_serial);
    if (!body) {
        return malformed();
    }
    return device_text(*body);
}

result<std::vector<designator>> parse_designators(byte_view raw) {
    const auto body = body_of(raw, device_identification);
    if (!body) {
        return malformed();
    }
    std::vector<designator> all;
    for (std::size_t at = 0; at < body->size(); at += 4U + u8(*body, at + 3)) {
        const std::size_t length = u8(*body, at + 3);
        if (body->size() - at < 4 + length || all.size() == max_designators) {
            return malformed();
        }
        const auto one = part(*body, at, 4 + length);
        designator found{
            .of = association{static_cast<std::uint8_t>((one[1] >> 4) & 3)},
            .type = designator_type{static_cast<std::uint8_t>(one[1] & 0xf)},
            .coding = code_set{static_cast<std::uint8_t>(one[0] & 0xf)},
            .value = bytes(one.begin() + 4, one.end()),
        };
        if ((one[1] & 0x80) != 0) {
            found.port_protocol = protocol{static_cast<std::uint8_t>(one[0] >> 4)};
        }
        all.push_back(std::move(found));
    }
    return all;
}

result<block_limits> parse_block_limits(byte_view raw) {
    const auto body = body_of(raw, 0xb0);
    if (!body || body->size() < 12) {
        return malformed();
    }
    // Offsets of SBC-3 table 207 less the header; devices before it send a shorter page.
    return block_limits{.max_transfer = u32(*body, 4),
                        .optimal_transfer = u32(*body, 8),
                        .optimal_granularity = u16(*body, 2),
                        .max_unmap = u32(*body, 16),
                        .max_write_same = u64(*body, 32)};
}

result<block_characteristics> parse_block_characteristics(byte_view raw) {
    const auto body = body_of(raw, 0xb1);
    if (!body || body->size() < 4) {
        return malformed();
    }
    return block_characteristics{.rotation_rate = u16(*body, 0),
                                 .form_factor = static_cast<std::uint8_t>(u8(*body, 3) & 0xf)};
}

result<provisioning> parse_provisioning(byte_view raw) {
    const auto body = body_of(raw, 0xb2);
    if (!body || body->size() < 4) {
        return malformed();
    }
    const auto flags = u8(*body, 1);
    return provisioning{.threshold_exponent = u8(*body, 0),
                        .unmap = (flags & 0x80) != 0,
                        .write_same_16 = (flags & 0x40) != 0,
                        .write_same_10 = (flags & 0x20) != 0,
                        .reads_zeros = (flags & 0x1c) != 0,
                        .type = static_cast<std::uint8_t>(u8(*body, 2) & 7)};
}

result<bytes> read_vital_product(path& on, std::uint8_t page) {
    // 252 bytes first: old devices read one byte of the allocation length and refuse or cut longer
    // ones.
    auto got = read_once(on, page, 252);
    if (!got) {
        return got.error();
    }
    const auto whole = std::uint32_t{4} + u16(*got, 2);
    if (whole > 252) {
        got = read_once(on, page, static_cast<std::uint16_t>(std::min(whole, 0xffffU)));
        if (!got) {
            return got.error();
        }
    }
    if (got->size() < 4U + u16(*got, 2)) {
        return malformed();
    }
    got->resize(4U + u16(*got, 2));
    return got;
}

result<std::vector<std::uint8_t>> read_supported_pages(path& on) {
    const auto got = read_vital_product(on, supported_pages);
    return got ? parse_supported_pages(*got) : got.error();
}

result<std::string> read_unit_serial(path& on) {
    const auto got = read_vital_product(on, unit_serial);
    return got ? parse_unit_serial(*got) : got.error();
}

result<std::vector<designator>> read_designators(path& on) {
    const auto got = read_vital_product(on, device_identification);
    return got ? parse_designators(*got) : got.error();
}

std::optional<unit_identity> identity_of(const std::vector<designator>& all) {
    const designator* best = nullptr;
    // Among equals the smaller bytes, so that paths which list them in another order agree.
    const auto order = [](const designator& one) {
        return std::tuple(*rank(one), one.value, one.coding);
    };
    for (const auto& one : all) {
        if (rank(one) && (best == nullptr || order(one) < order(*best))) {
            best = &one;
        }
    }
    if (best == nullptr) {
        return std::nullopt;
    }
    unit_identity identity{*best};
    // Names of units have no protocol; what stands there is not part of the name.
    identity.name.port_protocol.reset();
    return identity;
}

std::optional<std::uint16_t> relative_target_port_of(const std::vector<designator>& all) {
    const auto found = std::find_if(all.begin(), all.end(), [](const designator& one) {
        return one.of == association::target_port &&
               one.type == designator_type::relative_target_port && one.value.size() == 4;
    });
    return found != all.end() ? std::optional(u16(found->value, 2)) : std::nullopt;
}

std::string text(const designator& what) {
    switch (what.type) {
    case designator_type::naa:
        return "naa." + hex(what.value);
    case designator_type::eui_64:
        return "eui." + hex(what.value);
    case designator_type::uuid:
        return "uuid." + uuid_text(what.value);
    case designator_type::t10_vendor:
        return "t10." + device_text(what.value);
    case designator_type::scsi_name:
        return device_text(what.value);
    default:
        return "type" + std::to_string(static_cast<int>(what.type)) + '.' + hex(what.value);
    }
}

std::string text(const unit_identity& which) {
    return text(which.name);
}

} // namespace sgpr
