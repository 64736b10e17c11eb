// SPDX-License-Identifier: Apache-2.0
// A write-ahead log of any content: a store's, or one that lies beside a backup.
#include "bridge/registry/store_wal.hpp"

#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::istringstream file(std::string(reinterpret_cast<const char*>(data), size));
    (void)bridge::registry::wal_damage(file);
    return 0;
}
