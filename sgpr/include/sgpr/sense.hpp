// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sgpr {

/// Sense keys (SPC-4 4.5.6). A value that is not named here survives.
enum class sense_key : std::uint8_t {
    no_sense = 0x0,
    recovered_error = 0x1,
    not_ready = 0x2,
    medium_error = 0x3,
    hardware_error = 0x4,
    illegal_request = 0x5,
    unit_attention = 0x6,
    data_protect = 0x7,
    blank_check = 0x8,
    vendor_specific = 0x9,
    copy_aborted = 0xa,
    aborted_command = 0xb,
    volume_overflow = 0xd,
    miscompare = 0xe,
    completed = 0xf,
};

/// What a device says about a command that it did not simply carry out; `{}` is "nothing said".
struct sense_data {
    sense_key key = sense_key::no_sense;
    std::uint8_t code = 0;      ///< additional sense code (ASC)
    std::uint8_t qualifier = 0; ///< additional sense code qualifier (ASCQ)
    bool deferred = false;      ///< about an earlier command (response code 71h or 73h)
    std::optional<std::uint64_t> information{}; ///< often the logical block at fault

    [[nodiscard]] bool is(std::uint8_t asc, std::uint8_t ascq) const {
        return code == asc && qualifier == ascq;
    }
    friend bool operator==(const sense_data&, const sense_data&) = default;
};

/// Fixed and descriptor format (SPC-4 4.5.2, 4.5.3). Nothing when `raw` is neither.
[[nodiscard]] std::optional<sense_data> parse_sense(byte_view raw);

/// Fixed format of 18 bytes, or with `information` above 32 bits descriptor format; for tests and
/// fakes.
[[nodiscard]] bytes encode_sense(const sense_data& sense);

/// One line of English: "unit attention, registrations preempted (2A/05)".
[[nodiscard]] std::string text(const sense_data& sense);

} // namespace sgpr
