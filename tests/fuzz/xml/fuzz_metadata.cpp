// SPDX-License-Identifier: Apache-2.0
// Any text as an agent's meta-data, and the resource type made of it.
#include "xml/catalogue.hpp"
#include "xml/metadata.hpp"

#include <cstdint>
#include <memory>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bridge::xml;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    auto about = agent_metadata::parse(text);
    if (!about)
        return 0;
    const auto types = catalogue::built_in().types(
        {{"ocf:fuzz:agent", std::make_shared<agent_metadata>(std::move(*about)), {"1"}}});
    if (types->empty())
        __builtin_trap();
    return 0;
}
