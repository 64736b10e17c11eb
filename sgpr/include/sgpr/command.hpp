// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/bytes.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sgpr {

/// Most bytes that one command may move in either direction.
inline constexpr std::uint32_t max_transfer_bytes = 1U << 20;

/// A command descriptor block (SPC-4 4.3): at most 32 bytes, held by value.
class descriptor_block {
public:
    static constexpr std::size_t capacity = 32;

    /// `size` zeros after the operation code; `size` above the capacity is cut to it.
    explicit constexpr descriptor_block(std::uint8_t operation_code, std::size_t size)
        : size_(size < capacity ? size : capacity) {
        bytes_[0] = operation_code;
    }

    [[nodiscard]] byte_view view() const { return {bytes_.data(), size_}; }
    [[nodiscard]] std::uint8_t operation_code() const { return bytes_[0]; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::uint8_t operator[](std::size_t i) const { return bytes_[i % capacity]; }

    /// Writes `width` bytes of `value`, most significant first, from byte `at` on; bytes outside
    /// are dropped.
    constexpr descriptor_block& put(std::size_t at, std::uint64_t value, std::size_t width = 1) {
        for (std::size_t i = 0; i < width && at + i < size_; ++i) {
            bytes_[at + i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
        }
        return *this;
    }

private:
    std::array<std::uint8_t, capacity> bytes_{};
    std::size_t size_;
};

/// How long a command may take if nobody says otherwise: a defence must answer every 3 s.
inline constexpr std::chrono::milliseconds default_timeout{3000};

/// One SCSI command. It moves data in one direction or in none: with `data_out` empty and
/// `data_in_length` 0 it moves none; both is refused by every transport (errc::invalid).
struct command {
    descriptor_block cdb{0x00, 6};
    bytes data_out{};                 ///< at most max_transfer_bytes
    std::uint32_t data_in_length = 0; ///< at most max_transfer_bytes
    std::chrono::milliseconds timeout =
        default_timeout; ///< from 1 ms on; rounded up to what the system can
};

/// SCSI status (SAM-5 5.3.1). A value that is not named here survives.
enum class scsi_status : std::uint8_t {
    good = 0x00,
    check_condition = 0x02,
    condition_met = 0x04,
    busy = 0x08,
    reservation_conflict = 0x18,
    task_set_full = 0x28,
    aca_active = 0x30,
    task_aborted = 0x40,
};

/// Whether the device answered at all.
enum class delivery {
    answered,    ///< `status`, `sense` and `data` are the device's
    timed_out,   ///< no answer in time; it may have been carried out
    unreachable, ///< the way to the device failed; it may have been carried out
    gone,        ///< no such device (any more); it was not carried out
    refused,     ///< the command itself is impossible (both directions, too much data); never sent
    failed,      ///< any other error of the system, see `os_error`
};

/// What became of one command.
struct outcome {
    delivery how = delivery::answered;
    scsi_status status = scsi_status::good;
    bytes sense{};             ///< raw, empty if the device sent none
    bytes data{};              ///< what arrived: at most command::data_in_length bytes
    std::int32_t residual = 0; ///< bytes asked for (or offered) that did not move
    int os_error = 0;          ///< errno where the system reported one
    int transport_error = 0;   ///< host status of the SCSI midlayer, for the log
    std::chrono::microseconds duration{0};
};

} // namespace sgpr
