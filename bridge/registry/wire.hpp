// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace bridge::registry {

/// Appends little-endian values.
class wire_writer {
public:
    explicit wire_writer(std::size_t expected) { bytes_.reserve(expected); }

    template <typename Integer>
    void integer(Integer value) {
        auto v = static_cast<std::make_unsigned_t<Integer>>(value);
        std::array<std::byte, sizeof v> raw{};
        for (std::byte& b : raw) {
            b = static_cast<std::byte>(v & 0xFF);
            v = static_cast<decltype(v)>(sizeof v > 1 ? v >> (sizeof v > 1 ? 8 : 0) : 0);
        }
        append(raw);
    }
    void boolean(bool value) { bytes_.push_back(static_cast<std::byte>(value ? 1 : 0)); }
    void append(std::span<const std::byte> raw) {
        bytes_.insert(bytes_.end(), raw.begin(), raw.end());
    }

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] std::span<std::byte> written() { return bytes_; }
    std::vector<std::byte> take() { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

/// Reads what wire_writer wrote, from a peer that may lie: after the first shortage or impossible
/// value everything is zero and ok() is false.
class wire_reader {
public:
    explicit wire_reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

    template <typename Integer>
    Integer integer() {
        using unsigned_type = std::make_unsigned_t<Integer>;
        const auto raw = take(sizeof(Integer));
        std::uint64_t value = 0;
        for (std::size_t i = raw.size(); i-- > 0;)
            value = (value << 8) | std::to_integer<std::uint64_t>(raw[i]);
        return static_cast<Integer>(static_cast<unsigned_type>(value));
    }
    bool boolean() {
        const auto value = integer<std::uint8_t>();
        if (value > 1)
            fail();
        return value == 1;
    }
    template <std::size_t Size>
    std::array<std::byte, Size> array() {
        std::array<std::byte, Size> value{};
        const auto raw = take(Size);
        std::copy(raw.begin(), raw.end(), value.begin());
        return value;
    }
    /// A count of things that take at least `each` bytes; fails above `limit` or what can follow.
    std::size_t count(std::size_t limit, std::size_t each) {
        const std::size_t n = integer<std::uint32_t>();
        if (n > limit || n * each > bytes_.size()) {
            fail();
            return 0;
        }
        return n;
    }
    /// The next `size` bytes, empty when there are fewer.
    std::span<const std::byte> take(std::size_t size) {
        if (!ok_ || bytes_.size() < size) {
            fail();
            return {};
        }
        const auto taken = bytes_.first(size);
        bytes_ = bytes_.subspan(size);
        return taken;
    }
    void fail() {
        ok_ = false;
        bytes_ = {};
    }

    [[nodiscard]] bool ok() const { return ok_; }
    /// Everything was read, and all of it was there.
    [[nodiscard]] bool finished() const { return ok_ && bytes_.empty(); }

private:
    std::span<const std::byte> bytes_;
    bool ok_ = true;
};

} // namespace bridge::registry
