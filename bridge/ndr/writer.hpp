// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ndr/types.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace bridge::ndr {

/// Encodes one stub, little-endian, in either transfer syntax. Values align themselves relative to
/// the start of the stub. The first error sticks (error()); what follows it is encoded but must not
/// be sent.
///
/// Functions with a `Form` parameter differ between the syntaxes; `Form` must equal form().
class writer {
public:
    /// `storage` gives its capacity, its content is dropped.
    explicit writer(syntax form, std::vector<std::byte> storage = {});

    [[nodiscard]] syntax form() const { return form_; }
    [[nodiscard]] errc error() const { return error_; }
    /// Bytes encoded so far.
    [[nodiscard]] std::size_t size() const { return used_; }
    /// The stub; leaves the writer empty.
    [[nodiscard]] std::vector<std::byte> take();

    void fail(errc code) {
        if (error_ == errc::none)
            error_ = code;
    }
    /// Records `code` when the condition does not hold.
    void require(bool condition, errc code) {
        if (!condition) [[unlikely]]
            fail(code);
    }

    /// Pads with zeros to a multiple of `alignment` (1, 2, 4 or 8).
    void align(std::size_t alignment) {
        // Bytes beyond used_ are always zero: growth zero-fills and nothing is written ahead.
        const std::size_t at = (used_ + alignment - 1) & ~(alignment - 1);
        if (at > buffer_.size() && !grow(at)) [[unlikely]]
            return;
        used_ = at;
    }

    void u8(std::uint8_t value) { put(value); }
    void u16(std::uint16_t value) { put(value); }
    void u32(std::uint32_t value) { put(value); }
    void u64(std::uint64_t value) { put(value); }
    void i8(std::int8_t value) { put(static_cast<std::uint8_t>(value)); }
    void i16(std::int16_t value) { put(static_cast<std::uint16_t>(value)); }
    void i32(std::int32_t value) { put(static_cast<std::uint32_t>(value)); }
    void i64(std::int64_t value) { put(static_cast<std::uint64_t>(value)); }
    void f32(float value) { put(std::bit_cast<std::uint32_t>(value)); }
    void f64(double value) { put(std::bit_cast<std::uint64_t>(value)); }
    void character(char value) { put(static_cast<std::uint8_t>(value)); }
    void wchar(char16_t value) { put(static_cast<std::uint16_t>(value)); }

    /// A count, or an integer as wide as a pointer: 4 bytes in NDR, 8 in NDR64.
    template <syntax Form>
    void size(std::uint64_t value) {
        if constexpr (Form == syntax::ndr) {
            require(value <= 0xffffffffu, errc::out_of_range);
            put(static_cast<std::uint32_t>(value));
        } else {
            put(value);
        }
    }

    template <syntax Form>
    void signed_size(std::int64_t value) {
        if constexpr (Form == syntax::ndr) {
            require(value >= INT32_MIN && value <= INT32_MAX, errc::out_of_range);
            put(static_cast<std::uint32_t>(value));
        } else {
            put(static_cast<std::uint64_t>(value));
        }
    }

    /// An enumeration without v1_enum: 2 bytes in NDR (C706 14.2.5: up to 32767), 4 in NDR64.
    template <syntax Form>
    void enum16(std::uint32_t value) {
        if constexpr (Form == syntax::ndr) {
            require(value <= 0x7fffu, errc::out_of_range);
            put(static_cast<std::uint16_t>(value));
        } else {
            put(value);
        }
    }

    /// The place of a unique or embedded reference pointer: a fresh referent identifier, or 0.
    template <syntax Form>
    void pointer(bool present) {
        size<Form>(present ? next_referent() : 0);
    }

    /// The place of a full pointer: pointers to one object share an identifier (C706 14.3).
    template <syntax Form, class T>
    void full_pointer(const std::shared_ptr<T>& target) {
        size<Form>(target ? referent_of(target.get()) : 0);
    }
    /// True for the first of the pointers to this object: its pointee follows here and nowhere
    /// else.
    template <class T>
    bool first_visit(const std::shared_ptr<T>& target) {
        return target && mark_visited(target.get());
    }

    void bytes(std::span<const std::byte> data) {
        if (data.empty())
            return;
        if (std::byte* const at = reserve(data.size()))
            std::memcpy(at, data.data(), data.size());
    }
    void guid(const win32::guid& value);
    void handle(const context_handle& value);

    /// Characters without counts or terminator.
    void characters(std::u16string_view text);
    void characters(std::string_view text);

    /// Offset 0 and actual count of a varying array of at most `maximum` elements.
    template <syntax Form>
    void variance(std::uint64_t actual, std::uint64_t maximum) {
        require(actual <= maximum, errc::length_exceeds_count);
        size<Form>(0);
        size<Form>(actual);
    }

    /// A conformant string: counts, characters, terminator (C706 14.3.4). `Text` is a UTF-16 or
    /// 8-bit string.
    template <syntax Form, class Text>
    void string(const Text& text) {
        size<Form>(text.size() + 1);
        terminated<Form>(text, text.size() + 1);
    }

    /// The part of a string after its maximum count: offset, actual count, characters, terminator.
    template <syntax Form, class Text>
    void terminated(const Text& text, std::uint64_t maximum) {
        variance<Form>(text.size() + 1, maximum);
        using character = typename Text::value_type;
        if (std::byte* const at = reserve((text.size() + 1) * sizeof(character)))
            store_characters(at, text);
    }

private:
    struct referent {
        const void* target;
        std::uint32_t id;
        bool visited;
    };

    template <class T>
    void put(T value) {
        const std::size_t at = (used_ + sizeof(T) - 1) & ~(sizeof(T) - 1);
        if (at + sizeof(T) > buffer_.size() && !grow(at + sizeof(T))) [[unlikely]]
            return;
        if constexpr (std::endian::native == std::endian::big)
            value = swapped(value);
        std::memcpy(buffer_.data() + at, &value, sizeof(T));
        used_ = at + sizeof(T);
    }
    template <class T>
    static T swapped(T value) {
        auto octets = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
        for (std::size_t i = 0; i < sizeof(T) / 2; ++i)
            std::swap(octets[i], octets[sizeof(T) - 1 - i]);
        return std::bit_cast<T>(octets);
    }

    /// Claims `count` bytes at the current place; null after an overflow.
    std::byte* reserve(std::size_t count);
    bool grow(std::size_t needed);
    static void store_characters(std::byte* at, std::u16string_view text);
    static void store_characters(std::byte* at, std::string_view text);

    /// Identifiers of unique pointers start at 0x20000 and rise by 4, those of full pointers count
    /// from 1, as other implementations number them.
    std::uint32_t next_referent() { return 0x20000u + 4 * referents_made_++; }
    std::uint32_t referent_of(const void* target);
    bool mark_visited(const void* target);

    std::vector<std::byte> buffer_; ///< zero beyond used_
    std::size_t used_ = 0;
    std::uint32_t referents_made_ = 0;
    std::vector<referent> full_pointers_;
    syntax form_;
    errc error_ = errc::none;
};

} // namespace bridge::ndr
