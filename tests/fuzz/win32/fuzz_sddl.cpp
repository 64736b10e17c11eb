// SPDX-License-Identifier: Apache-2.0
// Text that is accepted must be written as text that reads as the same descriptor.
#include "bridge/win32/sddl.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace bridge::win32;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const sddl_domains domains{.domain = sid{5, {21, 1, 2, 3}},
                               .forest_root = sid{5, {21, 7, 8, 9}},
                               .machine = sid{5, {21, 4, 5, 6}}};
    const auto value = parse_sddl(text, domains);
    if (!value) {
        return 0;
    }
    const auto written = to_sddl(*value, domains);
    BRIDGE_INVARIANT(written.has_value());
    if (written->size() <= max_sddl_size) {
        const auto again = parse_sddl(*written, domains);
        BRIDGE_INVARIANT(again.has_value());
        BRIDGE_INVARIANT(*again == *value);
    }
    static_cast<void>(encode_security_descriptor(*value));
    return 0;
}
