// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bridge::xml {

/// Longer meta-data is refused; the largest in use are below 64 KiB.
inline constexpr std::size_t max_metadata_bytes = 1U << 20;
/// More parameters or actions than these are left out.
inline constexpr std::size_t max_metadata_items = 1000;

struct agent_parameter {
    std::string name;
    std::string type; ///< string, integer, boolean, select, time...
    std::optional<std::string> default_value;
    bool required = false;
    bool unique = false;
    bool secret = false; ///< as far as its name tells
    std::string short_description;
    std::string long_description;

    bool operator==(const agent_parameter&) const = default;
};

struct agent_action {
    std::string name;
    std::optional<std::uint32_t> timeout_ms;
    std::optional<std::uint32_t> interval_ms;
    std::string role;
    std::uint32_t depth = 0;

    bool operator==(const agent_action&) const = default;
};

/// What an agent says about itself (OCF resource agent API, "meta-data").
struct agent_metadata {
    std::string name;
    std::string version;
    std::string short_description;
    std::string long_description;
    std::vector<agent_parameter> parameters;
    std::vector<agent_action> actions;

    /// Untrusted text; a document type may be named but is not loaded. nullopt when it is no
    /// `<resource-agent>`.
    static std::optional<agent_metadata> parse(std::string_view text);

    /// First action of that name; null when there is none.
    [[nodiscard]] const agent_action* action(std::string_view wanted) const;

    bool operator==(const agent_metadata&) const = default;
};

} // namespace bridge::xml
