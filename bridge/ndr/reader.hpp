// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ndr/types.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace bridge::ndr {

/// Decodes one stub. The first error sticks: from then on every value reads as 0, every pointer as
/// null and every count as 0, so generated decoders need not test after each value. Never throws
/// but for memory exhaustion, and never allocates for more elements than bytes are left.
///
/// Functions with a `Form` parameter differ between the syntaxes; `Form` must equal form().
class reader {
public:
    /// `bytes` must outlive the reader.
    reader(std::span<const std::byte> bytes, syntax form, byte_order order = byte_order::little)
        : bytes_(bytes), form_(form),
          swap_((order == byte_order::big) == (std::endian::native == std::endian::little)) {}

    [[nodiscard]] syntax form() const { return form_; }
    [[nodiscard]] errc error() const { return error_; }
    [[nodiscard]] bool ok() const { return error_ == errc::none; }
    /// Bytes read so far; after an error, the place of the error.
    [[nodiscard]] std::size_t offset() const { return at_; }
    [[nodiscard]] std::size_t remaining() const { return ok() ? bytes_.size() - at_ : 0; }

    void fail(errc code) {
        if (error_ == errc::none)
            error_ = code;
    }
    /// Records `code` when the condition does not hold.
    void require(bool condition, errc code) {
        if (!condition) [[unlikely]]
            fail(code);
    }

    /// Skips to a multiple of `alignment` (1, 2, 4 or 8) from the start of the stub. Padding may
    /// hold anything.
    void align(std::size_t alignment) {
        const std::size_t at = (at_ + alignment - 1) & ~(alignment - 1);
        if (at > bytes_.size()) [[unlikely]]
            fail(errc::truncated);
        else
            at_ = at;
    }

    std::uint8_t u8() { return get<std::uint8_t>(); }
    std::uint16_t u16() { return get<std::uint16_t>(); }
    std::uint32_t u32() { return get<std::uint32_t>(); }
    std::uint64_t u64() { return get<std::uint64_t>(); }
    std::int8_t i8() { return static_cast<std::int8_t>(get<std::uint8_t>()); }
    std::int16_t i16() { return static_cast<std::int16_t>(get<std::uint16_t>()); }
    std::int32_t i32() { return static_cast<std::int32_t>(get<std::uint32_t>()); }
    std::int64_t i64() { return static_cast<std::int64_t>(get<std::uint64_t>()); }
    float f32() { return std::bit_cast<float>(get<std::uint32_t>()); }
    double f64() { return std::bit_cast<double>(get<std::uint64_t>()); }
    char character() { return static_cast<char>(get<std::uint8_t>()); }
    char16_t wchar() { return static_cast<char16_t>(get<std::uint16_t>()); }

    /// A count, or an integer as wide as a pointer: 4 bytes in NDR, 8 in NDR64.
    template <syntax Form>
    std::uint64_t size() {
        if constexpr (Form == syntax::ndr)
            return get<std::uint32_t>();
        else
            return get<std::uint64_t>();
    }

    template <syntax Form>
    std::int64_t signed_size() {
        if constexpr (Form == syntax::ndr)
            return static_cast<std::int32_t>(get<std::uint32_t>());
        else
            return static_cast<std::int64_t>(get<std::uint64_t>());
    }

    /// An enumeration without v1_enum: 2 bytes in NDR, 4 in NDR64. Unknown values survive.
    template <syntax Form>
    std::uint32_t enum16() {
        if constexpr (Form == syntax::ndr)
            return get<std::uint16_t>();
        else
            return get<std::uint32_t>();
    }

    /// The place of a unique pointer: true when it is not null. Embedded reference pointers ignore
    /// the answer, their identifier has no meaning (C706 14.3).
    template <syntax Form>
    bool pointer() {
        return size<Form>() != 0;
    }

    /// The place of a full pointer: null, a new object to fill at its first visit, or one seen
    /// before.
    template <syntax Form, class T>
    std::shared_ptr<T> full_pointer() {
        static constexpr char tag = 0; // one address for each type
        const std::uint64_t id = size<Form>();
        if (id == 0)
            return nullptr;
        referent* known = find_referent(id, &tag);
        if (known == nullptr)
            return nullptr;
        if (!known->target)
            known->target = std::make_shared<T>();
        return std::static_pointer_cast<T>(known->target);
    }
    /// True for the first of the pointers to this object: its pointee follows here.
    template <class T>
    bool first_visit(const std::shared_ptr<T>& target) {
        return target && mark_visited(target.get());
    }

    win32::guid guid();
    context_handle handle();

    /// Fills `data`.
    void bytes(std::span<std::byte> data);
    /// Replaces `data` by the next `count` bytes.
    void bytes(std::vector<std::byte>& data, std::uint64_t count);

    /// Replaces `text` by `count` characters without terminator rules.
    void characters(std::u16string& text, std::uint64_t count);
    void characters(std::string& text, std::uint64_t count);

    /// Makes room for `count` elements that take at least `least` (> 0) bytes each. False, and the
    /// array empty, when that many cannot follow.
    template <class Array>
    bool resize(Array& array, std::uint64_t count, std::size_t least) {
        array.clear();
        if (count > remaining() / least) [[unlikely]] {
            fail(errc::count_exceeds_data);
            return false;
        }
        array.resize(static_cast<std::size_t>(count));
        return ok();
    }

    /// Offset and actual count of a varying array of at most `maximum` elements; returns the actual
    /// count.
    template <syntax Form>
    std::uint64_t variance(std::uint64_t maximum) {
        const std::uint64_t offset = size<Form>();
        const std::uint64_t actual = size<Form>();
        require(offset == 0, errc::nonzero_offset);
        require(actual <= maximum, errc::length_exceeds_count);
        return ok() ? actual : 0;
    }

    /// A conformant string; `text` is what precedes the first NUL. Returns the maximum count.
    template <syntax Form, class Text>
    std::uint64_t string(Text& text) {
        const std::uint64_t maximum = size<Form>();
        terminated<Form>(text, maximum);
        return maximum;
    }

    /// The part of a string after its maximum count. The last character must be NUL.
    template <syntax Form, class Text>
    void terminated(Text& text, std::uint64_t maximum) {
        const std::uint64_t actual = variance<Form>(maximum);
        characters(text, actual);
        strip_terminator(text);
    }

    /// One level of a recursive type; false when the stub is too deep.
    class nested {
    public:
        explicit nested(reader& r) : reader_(r) {
            reader_.require(++reader_.depth_ <= max_depth, errc::too_deep);
        }
        ~nested() { --reader_.depth_; }
        nested(const nested&) = delete;
        nested& operator=(const nested&) = delete;

    private:
        reader& reader_;
    };

private:
    struct referent {
        std::uint64_t id;
        const void* type;
        std::shared_ptr<void> target;
        bool visited;
    };

    template <class T>
    T get() {
        const std::size_t at = (at_ + sizeof(T) - 1) & ~(sizeof(T) - 1);
        if (error_ != errc::none || at > bytes_.size() || bytes_.size() - at < sizeof(T))
            [[unlikely]] {
            fail(errc::truncated);
            return 0;
        }
        T value;
        std::memcpy(&value, bytes_.data() + at, sizeof(T));
        at_ = at + sizeof(T);
        return swap_ ? swapped(value) : value;
    }
    template <class T>
    static T swapped(T value) {
        auto octets = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
        for (std::size_t i = 0; i < sizeof(T) / 2; ++i)
            std::swap(octets[i], octets[sizeof(T) - 1 - i]);
        return std::bit_cast<T>(octets);
    }

    /// The next `count` bytes, or null after failing with truncated.
    const std::byte* take(std::uint64_t count);
    void strip_terminator(std::u16string& text);
    void strip_terminator(std::string& text);
    referent* find_referent(std::uint64_t id, const void* type);
    bool mark_visited(const void* target);

    std::span<const std::byte> bytes_;
    std::size_t at_ = 0;
    unsigned depth_ = 0;
    std::vector<referent> full_pointers_;
    syntax form_;
    bool swap_;
    errc error_ = errc::none;
};

} // namespace bridge::ndr
