// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/validate/facts.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sgpr::validate {

/// From best to worst; a report's is its worst.
enum class verdict : std::uint8_t { not_applicable, passed, warning, cancelled, failed };
[[nodiscard]] std::string_view text(verdict what); ///< "not applicable"
[[nodiscard]] std::string_view word(verdict what); ///< "not_applicable"

/// One command of a test and what became of it.
struct evidence_line {
    std::string node{};
    std::string sent{};
    std::string received{};
    std::uint64_t duration_us = 0;
    bool surprising = false; ///< it is what a finding is about
};

/// One thing that a test found out, in an administrator's words.
struct finding {
    verdict what = verdict::passed;
    std::string text{};
    std::string remedy{}; ///< empty if there is nothing to do
};

inline constexpr std::size_t max_evidence = 2000; ///< of one test on one disk; more are counted

struct test_result {
    std::string test{}; ///< test_info::id
    std::string disk{}; ///< disk_facts::id; empty: about all disks
    verdict what = verdict::passed;
    std::vector<finding> findings{};
    std::vector<evidence_line> evidence{};
    std::size_t evidence_dropped = 0;
    std::uint64_t duration_ms = 0;
};

struct test_info {
    std::string id{};
    std::string title{};
    std::string description{};
    bool changes = false; ///< writes or changes reservations
    bool per_disk = true;
};

struct report {
    std::string begun{}; ///< UTC, ISO 8601
    std::uint64_t duration_ms = 0;
    std::string version{};
    std::vector<node_facts> nodes{};
    std::vector<std::string> disks{}; ///< that were tested, by id
    std::vector<test_info> tests{};   ///< that were asked for, in their order
    std::vector<test_result> results{};

    [[nodiscard]] verdict worst() const;
    [[nodiscard]] const test_result* find(const std::string& test, const std::string& disk) const;
    [[nodiscard]] const test_info* find_test(const std::string& id) const;
    [[nodiscard]] std::size_t count(verdict what) const;
};

} // namespace sgpr::validate
