// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/report.hpp"

#include <algorithm>

namespace sgpr::validate {

std::string_view text(verdict what) {
    switch (what) {
    case verdict::not_applicable:
        return "not applicable";
    case verdict::passed:
        return "passed";
    case verdict::warning:
        return "warning";
    case verdict::cancelled:
        return "cancelled";
    case verdict::failed:
        break;
    }
    return "failed";
}

std::string_view word(verdict what) {
    return what == verdict::not_applicable ? "not_applicable" : text(what);
}

verdict report::worst() const {
    auto worst = verdict::not_applicable;
    for (const auto& one : results) {
        worst = std::max(worst, one.what);
    }
    return worst;
}

const test_result* report::find(const std::string& test, const std::string& disk) const {
    for (const auto& one : results) {
        if (one.test == test && one.disk == disk) {
            return &one;
        }
    }
    return nullptr;
}

const test_info* report::find_test(const std::string& id) const {
    const auto at = std::find_if(tests.begin(), tests.end(),
                                 [&](const test_info& one) { return one.id == id; });
    return at == tests.end() ? nullptr : &*at;
}

std::size_t report::count(verdict what) const {
    return static_cast<std::size_t>(std::count_if(
        results.begin(), results.end(), [what](const auto& one) { return one.what == what; }));
}

} // namespace sgpr::validate
