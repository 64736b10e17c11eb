// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string_view>
#include <vector>

namespace bridge::bench {

/// Times of single operations in microseconds, printed as `name_median value` and so on.
class figures {
public:
    /// Runs and times it.
    template <class Operation>
    void measure(const Operation& operation) {
        const auto begin = std::chrono::steady_clock::now();
        operation();
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - begin;
        times_.push_back(took.count());
    }

    void print(std::string_view name) {
        std::sort(times_.begin(), times_.end());
        std::cout << name << "_count " << times_.size() << '\n'
                  << name << "_median " << at(0.5) << '\n'
                  << name << "_p99 " << at(0.99) << '\n'
                  << name << "_max " << at(1) << std::endl;
    }

private:
    [[nodiscard]] double at(double share) const {
        const auto last = static_cast<double>(times_.size() - 1);
        return times_.empty() ? 0 : times_[static_cast<std::size_t>(share * last)];
    }

    std::vector<double> times_;
};

} // namespace bridge::bench
