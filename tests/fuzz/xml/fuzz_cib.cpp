// SPDX-License-Identifier: Apache-2.0
// Any text as a CIB, and a snapshot of whatever it says.
#include "bridge/model/builder.hpp"
#include "xml/catalogue.hpp"
#include "xml/cib.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bridge;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto document = xml::cib_document::parse(text);
    if (!document)
        return 0;
    static const auto types = xml::catalogue::built_in().types({});
    model::builder build({});
    const auto shown = build.build(document->facts(), nullptr, types, size % 2 == 0);
    if (!shown->info)
        __builtin_trap();
    return 0;
}
