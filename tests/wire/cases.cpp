// SPDX-License-Identifier: Apache-2.0
#include "tests/wire/cases.hpp"

#include "gen/clusapi3.hpp"
#include "gen/epmapper.hpp"
#include "gen/mgmt.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bridge::test_wire {

namespace {

namespace fs = std::filesystem;

std::span<const ndr::function_entry> functions_of(const std::string& interface) {
    if (interface == "clusapi3")
        return gen::clusapi3::functions();
    if (interface == "epmapper")
        return gen::epmapper::functions();
    if (interface == "mgmt")
        return gen::mgmt::functions();
    throw std::runtime_error("unknown interface " + interface);
}

wire_case load(const fs::path& folder) {
    wire_case out{folder.filename().string(), folder, nullptr};
    std::ifstream file(folder / "case");
    std::string interface;
    std::string method;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string key;
        words >> key;
        if (key == "interface")
            words >> interface;
        else if (key == "method")
            words >> method;
    }
    for (const ndr::function_entry& f : functions_of(interface)) {
        if (f.name == method)
            out.function = &f;
    }
    if (out.function == nullptr)
        throw std::runtime_error(folder.string() + ": no method " + method);
    return out;
}

} // namespace

std::vector<wire_case> load_cases() {
    std::vector<wire_case> out;
    for (const auto& entry : fs::directory_iterator(CLUSBRIDGE_WIRE_CASES)) {
        if (entry.is_directory())
            out.push_back(load(entry.path()));
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return out;
}

std::optional<std::vector<std::byte>> stub(const wire_case& c, const std::string& file) {
    std::ifstream in(c.folder / (file + ".hex"));
    if (!in)
        return std::nullopt;
    std::vector<std::byte> out;
    for (std::string octet; in >> octet;)
        out.push_back(static_cast<std::byte>(std::stoul(octet, nullptr, 16)));
    return out;
}

std::string text(const wire_case& c, const std::string& file) {
    std::ifstream in(c.folder / (file + ".txt"));
    std::string out;
    std::getline(in, out);
    return out;
}

} // namespace bridge::test_wire
