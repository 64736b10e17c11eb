// SPDX-License-Identifier: Apache-2.0
// Sense data that is understood can be written, read back as the same, and told.
#include "sgpr/path.hpp"
#include "sgpr/sense.hpp"
#include "tests/fuzz/sgpr/must.hpp"

using namespace sgpr;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    outcome got;
    got.status = scsi_status::check_condition;
    got.sense.assign(data, data + size);
    const auto sense = parse_sense(got.sense);
    const auto failed = failure_of(got);
    if (!sense) {
        must(failed && failed->code == errc::malformed);
        return 0;
    }
    must(parse_sense(encode_sense(*sense)) == sense);
    must(!text(*sense).empty());
    static_cast<void>(classify_attention(*sense));
    return 0;
}
