// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/control.hpp"
#include "bridge/clusapi/property_list.hpp"

#include <cstdint>
#include <cstdlib>

using namespace bridge;

/// A list that parses is written and parsed again: nothing may be lost on the way.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    (void)clusapi::parse_text(bytes);
    (void)clusapi::parse_multi_sz(bytes);
    for (const bool private_scope : {false, true})
        (void)clusapi::validate_properties(bytes, model::common_schema(model::object_kind::group),
                                           private_scope, model::object_kind::group);
    const auto parsed = clusapi::parse_property_list(bytes);
    if (!parsed)
        return 0;
    const auto again = clusapi::parse_property_list(clusapi::encode_property_list(
        model::private_properties(*parsed), clusapi::which::writable));
    if (!again || *again != *parsed)
        std::abort();
    return 0;
}
