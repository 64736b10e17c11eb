// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/registry_names.hpp"

#include "bridge/win32/utf16.hpp"

#include <nettle/sha2.h>

#include <algorithm>
#include <array>
#include <optional>

namespace bridge::model {

namespace {

// A UTF-16 unit takes at most three bytes of UTF-8.
constexpr std::size_t bytes_a_unit = 3;

bool plain_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c != '\0' && static_cast<unsigned char>(c) < 0x80; });
}

/// UTF-16 units; nullopt for text that is not well-formed or holds a NUL.
std::optional<std::size_t> units(std::string_view text) {
    if (plain_ascii(text))
        return text.size();
    if (text.find('\0') != text.npos)
        return std::nullopt;
    const auto wide = win32::strict_utf16(text);
    if (!wide)
        return std::nullopt;
    return wide->size();
}

registry_errc check_units(std::string_view text, std::size_t limit) {
    if (text.size() > limit * bytes_a_unit)
        return registry_errc::too_large;
    const auto count = units(text);
    if (!count)
        return registry_errc::invalid;
    return *count > limit ? registry_errc::too_large : registry_errc::none;
}

class hasher {
public:
    explicit hasher(char kind) {
        nettle_sha256_init(&state_);
        put(std::string_view(&kind, 1));
    }
    void put(std::string_view text) {
        nettle_sha256_update(&state_, text.size(),
                             reinterpret_cast<const std::uint8_t*>(text.data()));
    }
    void put(std::span<const std::byte> bytes) {
        nettle_sha256_update(&state_, bytes.size(),
                             reinterpret_cast<const std::uint8_t*>(bytes.data()));
    }
    void put(std::uint64_t number) {
        std::array<std::uint8_t, sizeof number> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
        nettle_sha256_update(&state_, bytes.size(), bytes.data());
    }
    void put(const registry_digest& digest) {
        put(digest.low);
        put(digest.high);
    }
    registry_digest take() {
        std::array<std::uint8_t, SHA256_DIGEST_SIZE> bytes{};
        nettle_sha256_digest(&state_, bytes.size(), bytes.data());
        registry_digest out;
        for (std::size_t i = 0; i < 8; ++i) {
            out.low |= std::uint64_t{bytes[i]} << (8 * i);
            out.high |= std::uint64_t{bytes[i + 8]} << (8 * i);
        }
        return out;
    }

private:
    sha256_ctx state_{};
};

} // namespace

registry_errc check_component(std::string_view name) {
    if (name.empty() || name.find('\\') != name.npos)
        return registry_errc::invalid;
    return check_units(name, registry_limit::component_units);
}

registry_errc check_path(std::string_view path) {
    if (path.empty())
        return registry_errc::none;
    if (const auto code = check_units(path, registry_limit::path_units);
        code != registry_errc::none)
        return code;
    const auto parts = components(path);
    if (parts.size() > registry_limit::depth)
        return registry_errc::too_large;
    for (const auto part : parts)
        if (const auto code = check_component(part); code != registry_errc::none)
            return code;
    return registry_errc::none;
}

registry_errc check_value_name(std::string_view name) {
    return check_units(name, registry_limit::value_name_units);
}

registry_errc check_value(const registry_value& value) {
    if (!known_type(static_cast<std::uint32_t>(value.type)))
        return registry_errc::invalid;
    if (value.data.size() > registry_limit::value_bytes)
        return registry_errc::too_large;
    return check_value_name(value.name);
}

registry_errc check_descriptor(const descriptor_bytes& descriptor) {
    if (!descriptor)
        return registry_errc::none;
    if (descriptor->empty())
        return registry_errc::invalid;
    return descriptor->size() > registry_limit::descriptor_bytes ? registry_errc::too_large
                                                                 : registry_errc::none;
}

bool known_type(std::uint32_t type) {
    switch (static_cast<registry_type>(type)) {
    case registry_type::none:
    case registry_type::sz:
    case registry_type::expand_sz:
    case registry_type::binary:
    case registry_type::dword:
    case registry_type::multi_sz:
    case registry_type::qword:
        return true;
    }
    return false;
}

std::vector<std::string_view> components(std::string_view path) {
    std::vector<std::string_view> out;
    if (path.empty())
        return out;
    for (;;) {
        const std::size_t end = path.find('\\');
        out.push_back(path.substr(0, end));
        if (end == path.npos)
            return out;
        path.remove_prefix(end + 1);
    }
}

// Fields of variable length are preceded by their lengths: no two rows hash the same text.

registry_digest place_of(const registry_digest& parent, std::string_view folded) {
    hasher hash('P');
    hash.put(parent);
    hash.put(folded);
    return hash.take();
}

registry_digest key_hash(const registry_digest& place, const stored_key& key) {
    hasher hash('K');
    hash.put(place);
    hash.put(key.last_write());
    hash.put(std::uint64_t{key.name().size()});
    hash.put(key.name());
    if (key.descriptor())
        hash.put(std::span(*key.descriptor()));
    return hash.take();
}

registry_digest value_hash(const registry_digest& place, const registry_value& value) {
    hasher hash('V');
    hash.put(place);
    hash.put(std::uint64_t{static_cast<std::uint32_t>(value.type)} << 32 | value.name.size());
    hash.put(value.name);
    hash.put(std::span(value.data));
    return hash.take();
}

} // namespace bridge::model
