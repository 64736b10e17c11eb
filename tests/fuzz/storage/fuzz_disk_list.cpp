// SPDX-License-Identifier: Apache-2.0
// The operator's list of disks.
#include "bridge/storage/disk_report.hpp"
#include "bridge/storage/listed_disks.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bridge::storage;
    try {
        const auto disks = parse_disk_list({reinterpret_cast<const char*>(data), size});
        if (bounded(disks) != disks)
            std::abort(); // larger than what a node may tell
    } catch (const std::runtime_error&) {
    }
    return 0;
}
