// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Little-endian fields of our own formats: batches, saved trees and rows of the registry, reports
/// between the daemons. Private to the codecs.
namespace bridge::model {

class byte_writer {
public:
    explicit byte_writer(std::vector<std::byte>& out) : out_(out) {}

    template <class Number>
    void number(Number value) {
        for (std::size_t i = 0; i < sizeof value; ++i)
            out_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFF));
    }
    /// Length in 32 bits, then the bytes.
    void bytes(std::span<const std::byte> value) {
        number(static_cast<std::uint32_t>(value.size()));
        out_.insert(out_.end(), value.begin(), value.end());
    }
    void text(std::string_view value) { bytes(std::as_bytes(std::span(value))); }

private:
    std::vector<std::byte>& out_;
};

/// Reads from anybody: once something is missing or above its limit `good()` is false for ever and
/// what comes is zero or empty.
class byte_reader {
public:
    explicit byte_reader(std::span<const std::byte> in) : in_(in) {}

    template <class Number>
    Number number() {
        Number value = 0;
        if (!take(sizeof value))
            return value;
        for (std::size_t i = 0; i < sizeof value; ++i)
            value = static_cast<Number>(value | std::to_integer<Number>(taken_[i]) << (8 * i));
        return value;
    }
    /// A number above `limit` is an error.
    template <class Number>
    Number number_up_to(std::size_t limit) {
        const Number value = number<Number>();
        if (value <= limit)
            return value;
        fail();
        return 0;
    }
    std::span<const std::byte> bytes(std::size_t limit) {
        const auto size = number_up_to<std::uint32_t>(limit);
        return take(size) ? taken_ : std::span<const std::byte>{};
    }
    std::vector<std::byte> blob(std::size_t limit) {
        const auto value = bytes(limit);
        return {value.begin(), value.end()};
    }
    std::string text(std::size_t limit) {
        const auto value = bytes(limit);
        std::string out(value.size(), '\0');
        if (!value.empty())
            std::memcpy(out.data(), value.data(), value.size());
        return out;
    }
    std::span<const std::byte> rest() {
        const bool all = take(in_.size());
        return all ? taken_ : std::span<const std::byte>{};
    }

    void fail() { good_ = false; }
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] std::size_t left() const { return in_.size(); }
    /// Everything was read and nothing was wrong.
    [[nodiscard]] bool finished() const { return good_ && in_.empty(); }

private:
    bool take(std::size_t size) {
        if (!good_ || size > in_.size()) {
            good_ = false;
            return false;
        }
        taken_ = in_.first(size);
        in_ = in_.subspan(size);
        return true;
    }

    std::span<const std::byte> in_;
    std::span<const std::byte> taken_;
    bool good_ = true;
};

} // namespace bridge::model
