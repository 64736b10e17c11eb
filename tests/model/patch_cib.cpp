// SPDX-License-Identifier: Apache-2.0
// patch_cib CIB.xml PATCH.xml: the CIB with the patchset applied, as text. Fails also when the
// facts after the patchset are not those of the resulting document read anew.
#include "xml/cib.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace {

std::string read(const char* path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

int main(int argc, char** argv) {
    using namespace bridge;
    if (argc != 3)
        return 2;
    auto document = xml::cib_document::parse(read(argv[1]));
    if (!document)
        return 3;
    const auto result = document->apply_patchset(read(argv[2]));
    if (result != xml::patch_result::ok) {
        std::fprintf(stderr, "%s\n",
                     result == xml::patch_result::failed ? "failed" : "version mismatch");
        return 4;
    }
    const auto text = document->text();
    const auto again = xml::cib_document::parse(text);
    if (!again || !(*again->facts() == *document->facts())) {
        std::fprintf(stderr, "facts differ from those of the document\n");
        return 5;
    }
    std::printf("%s\n", text.c_str());
    return 0;
}
