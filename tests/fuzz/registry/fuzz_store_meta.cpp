// SPDX-License-Identifier: Apache-2.0
// Values of a store's table `meta`: the first byte names one. What is accepted is written as it
// was.
#include "bridge/registry/store_meta.hpp"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bridge::registry;
    if (size == 0)
        return 0;
    const auto name = static_cast<meta_name>(data[0] % meta_names);
    const std::span<const std::byte> value(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    store_meta meta;
    if (decode(name, value, meta) && !std::ranges::equal(encode(name, meta), value))
        std::abort();
    return 0;
}
