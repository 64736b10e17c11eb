// SPDX-License-Identifier: Apache-2.0
// A CIB and patchsets, separated by zero bytes. Facts and snapshots that were kept up to date must
// be those of the resulting document.
#include "bridge/model/builder.hpp"
#include "bridge/model/diff.hpp"
#include "xml/cib.hpp"

#include <cstdint>

namespace {

std::string_view take(std::string_view& rest) {
    const auto end = rest.find('\0');
    const auto part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return part;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bridge;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    auto document = xml::cib_document::parse(take(rest));
    if (!document)
        return 0;
    model::builder kept({});
    kept.build(document->facts(), nullptr, nullptr, true);
    while (!rest.empty()) {
        if (document->apply_patchset(take(rest)) != xml::patch_result::ok)
            continue;
        const auto again = xml::cib_document::parse(document->text());
        if (!again)
            continue; // deeper than a document may be when it is read
        if (!(*again->facts() == *document->facts()))
            __builtin_trap();
        model::builder fresh({});
        const auto now = kept.build(document->facts(), nullptr, nullptr, true);
        if (!model::same_content(*now, *fresh.build(again->facts(), nullptr, nullptr, true)))
            __builtin_trap();
    }
    return 0;
}
