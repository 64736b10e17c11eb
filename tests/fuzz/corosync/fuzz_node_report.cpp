// SPDX-License-Identifier: Apache-2.0
// What a peer sends over CPG: the frame, and the report in it (also without a frame, so that the
// check sum does not hide the decoder from the fuzzer).
#include "bridge/corosync/frame.hpp"
#include "bridge/corosync/node_report.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bridge::corosync;
    const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
    if (const auto frame = parse_frame(bytes))
        (void)decode_report(frame->body, 1);
    // Whatever is accepted survives a round trip.
    if (const auto report = decode_report(bytes, 1)) {
        const auto again = decode_report(encode_report(*report), 1);
        if (!again || *again != *report)
            std::abort();
    }
    return 0;
}
