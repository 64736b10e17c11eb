// SPDX-License-Identifier: Apache-2.0
#include "sgpr/src/sysfs.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>

namespace sgpr {
namespace {

constexpr std::streamsize attribute_size = 4096; // sysfs gives one page at most

} // namespace

std::optional<std::string> read_attribute(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return std::nullopt;
    }
    std::string text(static_cast<std::size_t>(attribute_size), '\0');
    in.read(text.data(), attribute_size);
    if (in.bad()) {
        return std::nullopt;
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ' || text.back() == '\0')) {
        text.pop_back();
    }
    return text;
}

std::vector<std::string> folder_names(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator at(folder, error);
    const std::filesystem::directory_iterator end;
    while (!error && at != end && names.size() < max_folder_entries) {
        names.push_back(at->path().filename().string());
        at.increment(error);
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<std::uint64_t> parse_address(const std::string& digits) {
    const std::size_t skip = digits.rfind("0x", 0) == 0 ? 2 : 0;
    if (digits.size() != skip + 16) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data() + skip, end, value, 16);
    return error == std::errc() && stopped == end ? std::optional(value) : std::nullopt;
}

} // namespace sgpr
