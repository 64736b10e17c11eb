// SPDX-License-Identifier: Apache-2.0
#include "bridge/ndr/writer.hpp"

#include <algorithm>

namespace bridge::ndr {

namespace {
constexpr std::size_t first_allocation = 512;
}

writer::writer(syntax form, std::vector<std::byte> storage)
    : buffer_(std::move(storage)), form_(form) {
    // Growing again from empty zero-fills what an earlier use left behind.
    const std::size_t room = std::max(buffer_.capacity(), first_allocation);
    buffer_.clear();
    buffer_.resize(room);
}

std::vector<std::byte> writer::take() {
    buffer_.resize(used_);
    used_ = 0;
    return std::exchange(buffer_, {});
}

bool writer::grow(std::size_t needed) {
    if (needed > max_stub_bytes) {
        fail(errc::too_large);
        used_ = 0; // what follows overwrites a stub that will not be sent
        std::fill(buffer_.begin(), buffer_.end(), std::byte{0});
        return false;
    }
    buffer_.resize(std::max(needed, std::min(2 * buffer_.size(), max_stub_bytes)));
    return true;
}

std::byte* writer::reserve(std::size_t count) {
    const std::size_t at = used_;
    if (count > buffer_.size() - at && !grow(at + count)) [[unlikely]]
        return nullptr;
    used_ = at + count;
    return buffer_.data() + at;
}

void writer::guid(const win32::guid& value) {
    u32(value.data1);
    u16(value.data2);
    u16(value.data3);
    bytes(std::as_bytes(std::span(value.data4)));
}

void writer::handle(const context_handle& value) {
    u32(value.attributes);
    guid(value.uuid);
}

void writer::characters(std::u16string_view text) {
    align(sizeof(char16_t));
    if (std::byte* const at = reserve(text.size() * sizeof(char16_t)))
        store_characters(at, text);
}

void writer::characters(std::string_view text) {
    if (std::byte* const at = reserve(text.size()))
        store_characters(at, text);
}

void writer::store_characters(std::byte* at, std::u16string_view text) {
    if (text.empty())
        return;
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(at, text.data(), text.size() * sizeof(char16_t));
    } else {
        for (const char16_t unit : text) {
            *at++ = static_cast<std::byte>(unit & 0xff);
            *at++ = static_cast<std::byte>(unit >> 8);
        }
    }
}

void writer::store_characters(std::byte* at, std::string_view text) {
    if (!text.empty())
        std::memcpy(at, text.data(), text.size());
}

std::uint32_t writer::referent_of(const void* target) {
    for (const referent& known : full_pointers_) {
        if (known.target == target)
            return known.id;
    }
    require(full_pointers_.size() < max_referents, errc::too_many_referents);
    const auto id = static_cast<std::uint32_t>(full_pointers_.size() + 1);
    full_pointers_.push_back({target, id, false});
    return id;
}

bool writer::mark_visited(const void* target) {
    for (referent& known : full_pointers_) {
        if (known.target == target)
            return !std::exchange(known.visited, true);
    }
    return false;
}

} // namespace bridge::ndr
