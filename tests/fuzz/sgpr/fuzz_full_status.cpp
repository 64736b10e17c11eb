// SPDX-License-Identifier: Apache-2.0
// READ FULL STATUS and its TransportIDs: what is accepted can be written and read back as the same
// port.
#include "sgpr/persistent_reservation.hpp"
#include "tests/fuzz/sgpr/must.hpp"

using namespace sgpr;

namespace {

void check(const transport_id& id) {
    const auto raw = encode_transport_id(id);
    must(raw.size() >= 24 && raw.size() % 4 == 0);
    const auto again = parse_transport_id(raw);
    must(again && again->id == id && again->size == raw.size());
    must(!text(id).empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const byte_view raw(data, size);
    if (const auto one = parse_transport_id(raw)) {
        must(one->size <= size);
        check(one->id);
    }
    if (const auto all = parse_full_status(raw)) {
        must(8 + 48 * all->registrations.size() <= size);
        for (const auto& one : all->registrations) {
            check(one.initiator);
        }
    }
    return 0;
}
