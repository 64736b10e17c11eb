// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/validate/node_agent.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// What travels between a validation and the agents of other nodes: one JSON object a line, each
/// request answered by one line. docs/validation.md has the fields.
namespace sgpr::validate {

inline constexpr std::size_t max_request_line = 128U << 10;
inline constexpr std::size_t max_answer_line = 4U << 20;

[[nodiscard]] std::string encode(const request& what); ///< with its end
[[nodiscard]] std::string encode(const answer& what);
/// Lines without their end, from anybody. Nothing: it is no such message. Unknown fields are
/// ignored; too long lists are cut, too long texts shortened.
[[nodiscard]] std::optional<request> decode_request(std::string_view line);
[[nodiscard]] std::optional<answer> decode_answer(std::string_view line);

} // namespace sgpr::validate
