// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/fixture.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

using namespace bridge;
using clusapi::test::peer;

namespace {

/// The handles that the stub of a call may start with.
std::vector<ndr::context_handle> open_all(peer& client) {
    namespace wire = gen::clusapi3;
    return {client.open_cluster(),
            client.open_group("Web"),
            client.open_resource("Web Site"),
            client.open_resource("Web Disk"),
            client.open_node("node1"),
            client.root_key(),
            client.ask<wire::ApiOpenNetwork>({u"Cluster Network 1"}).result,
            client.ask<wire::ApiOpenNetInterface>({u"node1 - Ethernet"}).result};
}

std::vector<std::byte> bytes_of(const ndr::context_handle& value) {
    ndr::writer w(ndr::syntax::ndr);
    w.handle(value);
    return w.take();
}

} // namespace

/// Calls: opnum, choice of handle (above 7: none), length of the stub, stub. Any answer will do, as
/// long as there is one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t max_calls = 16;
    for (const ndr::syntax form : {ndr::syntax::ndr, ndr::syntax::ndr64}) {
        peer client(form);
        const auto handles = open_all(client);
        std::span<const std::uint8_t> left(data, size);
        for (std::size_t i = 0; i < max_calls && left.size() >= 3; ++i) {
            const std::uint16_t opnum = left[0] % clusapi::methods().size();
            const std::size_t choice = left[1];
            const std::size_t length = std::min<std::size_t>(left[2], left.size() - 3);
            const auto body = std::as_bytes(left.subspan(3, length));
            std::vector<std::byte> stub(body.begin(), body.end());
            if (choice < handles.size()) {
                const auto handle = bytes_of(handles[choice]);
                stub.insert(stub.begin(), handle.begin(), handle.end());
            }
            left = left.subspan(3 + length);
            (void)client.send(opnum, std::move(stub));
        }
    }
    return 0;
}
