// SPDX-License-Identifier: Apache-2.0
#include "sgpr/sense.hpp"

#include "sgpr/src/big_endian.hpp"

#include <scsi/sg_lib.h>

#include <array>

namespace sgpr {
namespace {

constexpr std::uint8_t fixed_now = 0x70;
constexpr std::uint8_t fixed_deferred = 0x71;
constexpr std::uint8_t descriptors_now = 0x72;
constexpr std::uint8_t descriptors_deferred = 0x73;

sense_data parse_fixed(byte_view raw) {
    sense_data sense;
    sense.key = sense_key{static_cast<std::uint8_t>(u8(raw, 2) & 0xf)};
    if ((raw[0] & 0x80) != 0) {
        sense.information = u32(raw, 3);
    }
    // The additional length may say that the codes were not sent.
    if (raw.size() >= 8 && raw[7] >= 5) {
        sense.code = u8(raw, 12);
        sense.qualifier = u8(raw, 13);
    }
    return sense;
}

sense_data parse_descriptors(byte_view raw) {
    sense_data sense;
    sense.key = sense_key{static_cast<std::uint8_t>(u8(raw, 1) & 0xf)};
    sense.code = u8(raw, 2);
    sense.qualifier = u8(raw, 3);
    const auto all = part(raw, 8, u8(raw, 7));
    for (std::size_t at = 0; at + 2 <= all.size(); at += 2U + all[at + 1]) {
        const auto one = part(all, at, 2U + all[at + 1]);
        // Information descriptor: type 0, length 0Ah, VALID in byte 2.
        if (one[0] == 0 && one.size() >= 12 && (one[2] & 0x80) != 0) {
            sense.information = u64(one, 4);
        }
    }
    return sense;
}

} // namespace

std::optional<sense_data> parse_sense(byte_view raw) {
    if (raw.empty()) {
        return std::nullopt;
    }
    const auto form = static_cast<std::uint8_t>(raw[0] & 0x7f);
    if ((form == fixed_now || form == fixed_deferred) && raw.size() >= 3) {
        auto sense = parse_fixed(raw);
        sense.deferred = form == fixed_deferred;
        return sense;
    }
    if ((form == descriptors_now || form == descriptors_deferred) && raw.size() >= 4) {
        auto sense = parse_descriptors(raw);
        sense.deferred = form == descriptors_deferred;
        return sense;
    }
    return std::nullopt;
}

bytes encode_sense(const sense_data& sense) {
    const auto key_byte = static_cast<std::uint8_t>(sense.key);
    if (sense.information && *sense.information > 0xffffffffU) {
        bytes raw{sense.deferred ? descriptors_deferred : descriptors_now,
                  key_byte,
                  sense.code,
                  sense.qualifier,
                  0,
                  0,
                  0,
                  12,
                  0,
                  10,
                  0x80,
                  0};
        append(raw, *sense.information, 8);
        return raw;
    }
    bytes raw(18);
    raw[0] = sense.deferred ? fixed_deferred : fixed_now;
    raw[2] = key_byte;
    raw[7] = 10;
    raw[12] = sense.code;
    raw[13] = sense.qualifier;
    if (sense.information) {
        raw[0] |= 0x80;
        for (std::size_t i = 0; i < 4; ++i) {
            raw[3 + i] = static_cast<std::uint8_t>(*sense.information >> (8 * (3 - i)));
        }
    }
    return raw;
}

std::string text(const sense_data& sense) {
    std::array<char, 128> name{};
    sg_get_sense_key_str(static_cast<int>(sense.key), static_cast<int>(name.size()), name.data());
    std::string line = sense.deferred ? "deferred: " : "";
    line += name.data();
    if (sense.code != 0 || sense.qualifier != 0) {
        sg_get_asc_ascq_str(sense.code, sense.qualifier, static_cast<int>(name.size()),
                            name.data());
        line += ", ";
        line += name.data();
        line += " (" + hex(sense.code, 1) + "/" + hex(sense.qualifier, 1) + ")";
    }
    return line;
}

} // namespace sgpr
