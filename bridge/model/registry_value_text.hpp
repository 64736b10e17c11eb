// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Parts of one line of the registry's text form (registry_text.hpp), both ways.
namespace bridge::model {

std::string quoted(std::string_view text);

/// True if the path can stand on a key line as it is.
bool plain_path(std::string_view path);

/// "type data".
std::string value_text(const registry_value& value);

/// SDDL in quotes when that says exactly the same, else hex.
std::string descriptor_text(const std::vector<std::byte>& descriptor);

/// Reads a line from the left; spaces between parts do not count. nullopt: it is not that.
class text_cursor {
public:
    explicit text_cursor(std::string_view line) : rest_(line) { skip(); }

    std::optional<std::string> string();
    std::optional<registry_type> type();
    std::optional<std::vector<std::byte>> data(registry_type type);
    std::optional<std::vector<std::byte>> descriptor();
    /// Takes the word when it is next.
    bool word(std::string_view expected);
    [[nodiscard]] bool finished() const { return rest_.empty(); }

private:
    void skip();
    std::string_view word();
    std::optional<std::vector<std::byte>> hex(std::string_view digits);
    std::optional<std::vector<std::byte>> number(std::size_t size);
    std::optional<std::vector<std::byte>> strings();

    std::string_view rest_;
};

} // namespace bridge::model
