// SPDX-License-Identifier: Apache-2.0
#include "bridge/ndr/reader.hpp"

namespace bridge::ndr {

const std::byte* reader::take(std::uint64_t count) {
    if (count > remaining()) {
        fail(errc::truncated);
        return nullptr;
    }
    const std::byte* const first = bytes_.data() + at_;
    at_ += static_cast<std::size_t>(count);
    return first;
}

win32::guid reader::guid() {
    win32::guid value;
    value.data1 = u32();
    value.data2 = u16();
    value.data3 = u16();
    bytes(std::as_writable_bytes(std::span(value.data4)));
    return value;
}

context_handle reader::handle() {
    context_handle value;
    value.attributes = u32();
    value.uuid = guid();
    return value;
}

void reader::bytes(std::span<std::byte> data) {
    const std::byte* const from = take(data.size());
    if (from != nullptr && !data.empty())
        std::memcpy(data.data(), from, data.size());
}

void reader::bytes(std::vector<std::byte>& data, std::uint64_t count) {
    data.clear();
    if (const std::byte* const from = take(count); from != nullptr)
        data.assign(from, from + count);
}

void reader::characters(std::u16string& text, std::uint64_t count) {
    text.clear();
    align(sizeof(char16_t));
    if (count > remaining() / sizeof(char16_t)) {
        fail(errc::count_exceeds_data);
        return;
    }
    const std::byte* const from = take(count * sizeof(char16_t));
    if (from == nullptr || count == 0)
        return;
    text.resize(static_cast<std::size_t>(count));
    std::memcpy(text.data(), from, text.size() * sizeof(char16_t));
    if (swap_) {
        for (char16_t& unit : text)
            unit = static_cast<char16_t>(unit << 8 | unit >> 8);
    }
}

void reader::characters(std::string& text, std::uint64_t count) {
    text.clear();
    if (count > remaining()) {
        fail(errc::count_exceeds_data);
        return;
    }
    const std::byte* const from = take(count);
    if (from == nullptr || count == 0)
        return;
    text.resize(static_cast<std::size_t>(count));
    std::memcpy(text.data(), from, text.size());
}

void reader::strip_terminator(std::u16string& text) {
    if (text.empty() || text.back() != u'\0') {
        fail(errc::unterminated_string);
        text.clear();
        return;
    }
    text.resize(text.find(u'\0'));
}

void reader::strip_terminator(std::string& text) {
    if (text.empty() || text.back() != '\0') {
        fail(errc::unterminated_string);
        text.clear();
        return;
    }
    text.resize(text.find('\0'));
}

reader::referent* reader::find_referent(std::uint64_t id, const void* type) {
    if (!ok())
        return nullptr;
    for (referent& known : full_pointers_) {
        if (known.id != id)
            continue;
        if (known.type == type)
            return &known;
        fail(errc::bad_referent);
        return nullptr;
    }
    if (full_pointers_.size() >= max_referents) {
        fail(errc::too_many_referents);
        return nullptr;
    }
    full_pointers_.push_back({id, type, nullptr, false});
    return &full_pointers_.back();
}

bool reader::mark_visited(const void* target) {
    if (!ok())
        return false;
    for (referent& known : full_pointers_) {
        if (known.target.get() == target)
            return !std::exchange(known.visited, true);
    }
    return false;
}

} // namespace bridge::ndr
