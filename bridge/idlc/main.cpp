// SPDX-License-Identifier: Apache-2.0
// bridge_idlc: IDL file -> C++ codecs. A build-time tool.
#include "bridge/idlc/compile.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string_view>

namespace {

namespace fs = std::filesystem;
using namespace bridge::idlc;

constexpr std::string_view usage = "usage: bridge_idlc --name NAME --out DIRECTORY [--parts N] "
                                   "[--import DIRECTORY]... [--secret OWNER.MEMBER]... "
                                   "FILE.idl\n";

struct arguments {
    request wanted;
    fs::path out;
};

/// False when the command line is wrong.
bool parse_arguments(int count, char** values, arguments& out) {
    for (int i = 1; i < count; ++i) {
        const std::string_view option = values[i];
        if (option.substr(0, 2) != "--") {
            if (!out.wanted.input.empty())
                return false;
            out.wanted.input = option;
            continue;
        }
        if (++i == count)
            return false;
        const std::string value = values[i];
        if (option == "--name")
            out.wanted.name = value;
        else if (option == "--out")
            out.out = value;
        else if (option == "--parts")
            out.wanted.parts = std::strtoul(value.c_str(), nullptr, 10);
        else if (option == "--import")
            out.wanted.import_directories.emplace_back(value);
        else if (option == "--secret")
            out.wanted.secrets.insert(value);
        else
            return false;
    }
    return !out.wanted.input.empty() && !out.wanted.name.empty() && !out.out.empty() &&
           out.wanted.parts > 0;
}

/// Leaves a file alone that holds the text already, so that what includes it is not built again.
void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    {
        std::ifstream old(path, std::ios::binary);
        std::ostringstream content;
        content << old.rdbuf();
        if (old && content.str() == text)
            return;
    }
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush())
        throw std::runtime_error("cannot write " + path.string());
}

} // namespace

int main(int count, char** values) {
    arguments given;
    if (!parse_arguments(count, values, given)) {
        std::cerr << usage;
        return 2;
    }
    try {
        for (const generated_file& file : compile(given.wanted))
            write(given.out / file.first, file.second);
    } catch (const std::exception& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
    return 0;
}
