// SPDX-License-Identifier: Apache-2.0
// Vital product pages and the other answers of fixed form. Designators that are accepted are inside
// the page, and the unit's name does not depend on their order.
#include "sgpr/commands.hpp"
#include "sgpr/vpd.hpp"
#include "tests/fuzz/sgpr/must.hpp"

#include <algorithm>

using namespace sgpr;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const byte_view raw(data, size);
    static_cast<void>(parse_supported_pages(raw));
    static_cast<void>(parse_unit_serial(raw));
    static_cast<void>(parse_block_limits(raw));
    static_cast<void>(parse_block_characteristics(raw));
    static_cast<void>(parse_provisioning(raw));
    static_cast<void>(parse_inquiry(raw));
    static_cast<void>(parse_capacity_10(raw));
    static_cast<void>(parse_capacity_16(raw));
    static_cast<void>(parse_luns(raw));
    auto all = parse_designators(raw);
    if (!all) {
        must(all.error().code == errc::malformed);
        return 0;
    }
    must(all->size() <= max_designators);
    std::size_t bytes_taken = 4;
    for (const auto& one : *all) {
        bytes_taken += 4 + one.value.size();
        static_cast<void>(text(one));
    }
    must(bytes_taken <= size);
    const auto identity = identity_of(*all);
    std::reverse(all->begin(), all->end());
    must(identity_of(*all) == identity);
    static_cast<void>(relative_target_port_of(*all));
    return 0;
}
