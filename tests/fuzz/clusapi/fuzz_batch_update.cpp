// SPDX-License-Identifier: Apache-2.0
// A batch that is accepted must be written as bytes that read the same.
#include "bridge/clusapi/batch_update.hpp"
#include "bridge/win32/invariant.hpp"

#include <cstdint>

using namespace bridge::clusapi;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto commands = parse_batch(std::as_bytes(std::span(data, size)));
    if (!commands)
        return 0;
    BRIDGE_INVARIANT(!commands->empty() && commands->size() <= max_batch_commands);
    BRIDGE_INVARIANT(parse_batch(encode_batch_update(*commands)) == commands);
    return 0;
}
