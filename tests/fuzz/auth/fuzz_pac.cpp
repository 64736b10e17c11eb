// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/pac.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bridge::auth;
    const auto parsed = parse_logon_information(std::as_bytes(std::span(data, size)));
    // A SID takes eight bytes at least, so no answer is larger than its input.
    if (parsed && parsed->sids.size() * 8 > size)
        std::abort();
    return 0;
}
