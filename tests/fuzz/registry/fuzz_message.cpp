// SPDX-License-Identifier: Apache-2.0
// What a peer sends to a member of the registry: as it is, and with the right length and check sum,
// so that these do not hide the decoder from the fuzzer.
#include "bridge/registry/message_form.hpp"
#include "bridge/registry/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bridge::registry;
    const std::span<const std::byte> given(reinterpret_cast<const std::byte*>(data), size);
    (void)decode(given);
    std::vector<std::byte> bytes(given.begin(), given.end());
    if (bytes.size() < form::header_bytes)
        return 0;
    form::seal(bytes);
    // Whatever is accepted survives a round trip.
    if (const auto m = decode(bytes))
        if (encode(m->header, m->body) != bytes)
            std::abort();
    return 0;
}
