// SPDX-License-Identifier: Apache-2.0
// What a peer tells of its disks.
#include "bridge/storage/disk_report.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bridge::storage;
    const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
    const auto report = decode_report(bytes, 1);
    if (!report)
        return 0;
    // Whatever is accepted is within the limits, and survives a round trip.
    if (bounded(*report) != *report)
        std::abort();
    const auto again = decode_report(encode_report(1, *report), 1);
    if (!again || *again != *report)
        std::abort();
    return 0;
}
