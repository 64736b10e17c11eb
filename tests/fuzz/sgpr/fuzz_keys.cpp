// SPDX-License-Identifier: Apache-2.0
// READ KEYS, READ RESERVATION and REPORT CAPABILITIES.
#include "sgpr/persistent_reservation.hpp"
#include "tests/fuzz/sgpr/must.hpp"

using namespace sgpr;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const byte_view raw(data, size);
    if (const auto keys = parse_registered_keys(raw)) {
        must(keys->keys.size() <= max_registrations);
        must(8 + 8 * keys->keys.size() <= size);
    }
    if (const auto state = parse_reservation(raw); state && state->held) {
        must(size >= 24);
        must(!text(state->held->type).empty());
    }
    if (const auto can = parse_reservation_capabilities(raw)) {
        must(can->types_told || can->supports(reservation_type::write_exclusive));
    }
    return 0;
}
