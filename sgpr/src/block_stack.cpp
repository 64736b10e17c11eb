// SPDX-License-Identifier: Apache-2.0
#include "sgpr/block_stack.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>

namespace sgpr {

namespace {

namespace fs = std::filesystem;

struct device_number {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
};

std::optional<std::uint32_t> number_of(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<device_number> device_number_of(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    const auto major = number_of(text.substr(0, colon));
    const auto minor = number_of(text.substr(colon + 1));
    if (!major || !minor)
        return std::nullopt;
    return device_number{*major, *minor};
}

std::string first_line(const fs::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator() && names.size() < max_stacked_devices;
         entry.increment(error))
        names.push_back(entry->path().filename().string());
    std::ranges::sort(names);
    return names;
}

/// Partitions are folders of the disk's folder that have a file `partition`.
std::vector<std::string> above(const fs::path& device) {
    std::vector<std::string> found;
    for (const std::string& name : names_in(device)) {
        std::error_code error;
        if (fs::exists(device / name / "partition", error))
            found.push_back(name);
    }
    const auto holders = names_in(device / "holders");
    found.insert(found.end(), holders.begin(), holders.end());
    return found;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = [&](std::size_t at) {
            return at < text.size() && text[at] >= '0' && text[at] <= '7';
        };
        if (text[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
            const int code =
                (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
            out.push_back(static_cast<char>(code));
            i += 3;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const auto end = std::min(line.find(' '), line.size());
        if (end > 0)
            words.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return words;
}

std::optional<mounted_file_system> parse_mount(std::string_view line) {
    const auto words = words_of(line);
    const auto dash = std::ranges::find(words, std::string_view("-"));
    if (words.size() < 7 || words.end() - dash < 2)
        return std::nullopt;
    const auto device = device_number_of(words[2]);
    if (!device)
        return std::nullopt;
    return mounted_file_system{device->major, device->minor, std::string(*(dash + 1)),
                               unescaped(words[4])};
}

} // namespace

std::vector<block_node> stack_on(const fs::path& sysfs, const std::vector<std::string>& names) {
    std::vector<block_node> stack;
    std::set<std::string, std::less<>> seen(names.begin(), names.end());
    std::vector<std::string> waiting = names;
    for (std::size_t i = 0; i < waiting.size() && stack.size() < max_stacked_devices; ++i) {
        const fs::path device = sysfs / "class/block" / waiting[i];
        const auto number = device_number_of(first_line(device / "dev"));
        if (!number)
            continue;
        stack.push_back({waiting[i], number->major, number->minor});
        for (const std::string& name : above(device))
            if (seen.insert(name).second)
                waiting.push_back(name);
    }
    return stack;
}

std::vector<mounted_file_system> parse_mountinfo(std::string_view text) {
    std::vector<mounted_file_system> all;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (auto mount = parse_mount(text.substr(0, end)))
            all.push_back(std::move(*mount));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return all;
}

std::vector<mounted_file_system> mounted_from(const std::vector<block_node>& stack,
                                              const std::vector<mounted_file_system>& all) {
    std::vector<mounted_file_system> found;
    for (const mounted_file_system& mount : all)
        if (std::ranges::any_of(stack, [&](const block_node& node) {
                return node.major == mount.major && node.minor == mount.minor;
            }))
            found.push_back(mount);
    return found;
}

} // namespace sgpr
