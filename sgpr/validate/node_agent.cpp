// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/node_agent.hpp"

#include <array>
#include <utility>

namespace sgpr::validate {
namespace {

constexpr std::array<std::string_view, verb_count> verb_words = {
    "describe",    "page",        "ready",           "attentions",        "capabilities",
    "picture",     "full_status", "register_ignore", "register_key",      "reserve",
    "release",     "clear",       "preempt",         "preempt_and_abort", "register_all",
    "registered",  "sectors",     "read_sector",     "write_sector",      "own_begin",
    "own_step",    "own_end",     "online",          "offline",           "write_file",
    "verify_file", "delete_file", "clean_up"};

constexpr std::array<std::string_view, 6> ownership_words = {"none",    "acquiring", "owned",
                                                             "refused", "lost",      "failed"};

} // namespace

std::string_view text(verb what) {
    return verb_words.at(static_cast<std::size_t>(what));
}

std::optional<verb> verb_of(std::string_view word) {
    for (std::size_t i = 0; i < verb_words.size(); ++i) {
        if (verb_words[i] == word) {
            return static_cast<verb>(i);
        }
    }
    return std::nullopt;
}

std::string_view text(ownership_state what) {
    return ownership_words.at(static_cast<std::size_t>(what));
}

std::string text(const problem& what) {
    auto said = text(failure{what.code, what.sense, what.os_error});
    if (what.detail.empty()) {
        return said;
    }
    return what.sense == sense_data{} && what.os_error == 0 ? what.detail
                                                            : what.detail + ": " + said;
}

problem problem_of(const failure& what, std::string detail) {
    return {what.code, what.sense, what.os_error, std::move(detail)};
}

problem problem_of(errc code, std::string detail) {
    return {code, {}, 0, std::move(detail)};
}

answer failed_answer(problem why) {
    answer got;
    got.failed = std::move(why);
    return got;
}

} // namespace sgpr::validate
