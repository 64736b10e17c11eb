// SPDX-License-Identifier: Apache-2.0
// A descriptor that is accepted must be written and read back as the same value, and both the
// access check and the inheritance must be able to live with it.
#include "bridge/win32/access_check.hpp"
#include "bridge/win32/descriptor_inheritance.hpp"
#include "bridge/win32/sddl.hpp"
#include "bridge/win32/security_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

using namespace bridge::win32;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto value = decode_security_descriptor(std::as_bytes(std::span(data, size)));
    if (!value) {
        return 0;
    }
    // Entries may be written longer than they were only by padding, lists may share bytes when
    // read: what does not fit any more is refused, all else is the same value.
    if (const auto bytes = encode_security_descriptor(*value)) {
        const auto again = decode_security_descriptor(*bytes);
        BRIDGE_INVARIANT(again.has_value());
        auto expected = *value;
        for (auto* list : {&expected.dacl, &expected.sacl}) {
            if (*list) { // raised when an object entry is in it
                (*list)->revision =
                    list == &expected.dacl ? again->dacl->revision : again->sacl->revision;
            }
        }
        BRIDGE_INVARIANT(*again == expected);
    }
    if (const auto text = to_sddl(*value)) {
        BRIDGE_INVARIANT(text->size() > max_sddl_size || parse_sddl(*text));
    }
    const std::vector<sid> sids{value->owner.value_or(sid{1, {0}}), sid{5, {11}}};
    for (const auto desired :
         {rights::maximum_allowed, rights::generic_read, rights::key_set_value}) {
        const auto granted = check_access(*value, {.sids = sids}, desired, registry_key_mapping);
        BRIDGE_INVARIANT(!granted || (*granted & rights::generic_any) == 0);
    }
    descriptor_request request;
    request.parent = &*value;
    request.default_owner = sids[0];
    const auto child = create_descriptor(request);
    request.creator = &*value;
    const auto sibling = create_descriptor(request);
    BRIDGE_INVARIANT(child && sibling);
    return 0;
}
