// SPDX-License-Identifier: Apache-2.0
// MODE SENSE answers, (6) and (10).
#include "sgpr/mode.hpp"
#include "tests/fuzz/sgpr/must.hpp"

using namespace sgpr;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const byte_view raw(data, size);
    if (const auto small = parse_mode_6(raw)) {
        must(small->write_protected == ((data[2] & 0x80) != 0));
        must(small->write_cache.has_value() == small->read_cache.has_value());
    }
    if (const auto big = parse_mode_10(raw)) {
        must(big->write_protected == ((data[3] & 0x80) != 0));
        must(big->write_cache.has_value() == big->read_cache.has_value());
    }
    return 0;
}
