// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string.h>

namespace bridge::auth {

/// Overwrites memory in a way the compiler keeps.
inline void wipe(void* memory, std::size_t size) {
    if (size != 0)
        explicit_bzero(memory, size);
}

/// 16 secret bytes (a hash, a key); overwritten when they go.
class key16 {
public:
    static constexpr std::size_t length = 16;

    key16() = default;
    explicit key16(const std::array<std::uint8_t, length>& value) : bytes_(value) {}
    key16(const key16&) = default;
    key16& operator=(const key16&) = default;
    ~key16() { wipe(bytes_.data(), length); }

    std::uint8_t* data() { return bytes_.data(); }
    [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }
    [[nodiscard]] static constexpr std::size_t size() { return length; }
    [[nodiscard]] std::span<const std::byte, length> bytes() const {
        return std::as_bytes(std::span<const std::uint8_t, length>(bytes_));
    }

private:
    std::array<std::uint8_t, length> bytes_{};
};

/// Compares in a time that depends on the lengths alone; different lengths and empty operands are
/// unequal (an empty comparison must never prove anything).
bool equal_secret(std::span<const std::byte> a, std::span<const std::byte> b);

/// Fills with bytes of the kernel's generator; aborts if there is none.
void fill_random(std::span<std::byte> out);

} // namespace bridge::auth
