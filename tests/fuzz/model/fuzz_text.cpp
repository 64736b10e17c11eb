// SPDX-License-Identifier: Apache-2.0
// Text that is accepted must be written as text that reads as the same tree, and the difference to
// nothing must make it out of nothing.
#include "bridge/model/registry_text.hpp"
#include "bridge/win32/invariant.hpp"

#include <cstdint>

using namespace bridge::model;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = parse_text({reinterpret_cast<const char*>(data), size});
    if (!parsed.tree)
        return 0;
    const auto text = dump_text(*parsed.tree);
    const auto again = parse_text(text);
    BRIDGE_INVARIANT(again.tree && again.tree->digest() == parsed.tree->digest());
    registry_tree made;
    for (auto& command : difference(made, *again.tree)) {
        registry_batch batch;
        batch.commands.push_back(std::move(command));
        BRIDGE_INVARIANT(made.apply(batch).code == registry_errc::none);
    }
    BRIDGE_INVARIANT(made.digest() == again.tree->digest());
    return 0;
}
