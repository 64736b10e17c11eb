// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/limits.hpp"

#include <cstddef>
#include <utility>

namespace bridge::dcerpc {

/// Bytes that all connections of a server may hold for one purpose; a part of a larger budget when
/// it has one, which it then also takes from.
class byte_budget {
public:
    /// `whole`, when given, outlives this.
    explicit byte_budget(std::size_t limit, byte_budget* whole = nullptr)
        : limit_(limit), whole_(whole) {}
    byte_budget(const byte_budget&) = delete;
    byte_budget& operator=(const byte_budget&) = delete;

    /// False, and nothing taken, when a limit would be passed.
    bool take(std::size_t bytes) {
        if (bytes > limit_ - used_ || (whole_ != nullptr && !whole_->take(bytes))) {
            return false;
        }
        used_ += bytes;
        return true;
    }
    void give_back(std::size_t bytes) {
        used_ -= bytes;
        if (whole_ != nullptr) {
            whole_->give_back(bytes);
        }
    }
    [[nodiscard]] std::size_t used() const { return used_; }

private:
    std::size_t limit_;
    std::size_t used_ = 0;
    byte_budget* whole_;
};

/// What one holder took of a budget; given back when it goes. The budget outlives it.
class byte_share {
public:
    byte_share() = default;
    explicit byte_share(byte_budget& budget) : budget_(&budget) {}
    byte_share(byte_share&& other) noexcept
        : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
    byte_share& operator=(byte_share&& other) noexcept {
        std::swap(budget_, other.budget_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~byte_share() {
        if (bytes_ != 0) {
            budget_->give_back(bytes_);
        }
    }

    /// False, and nothing taken, when the budget does not allow it.
    bool grow(std::size_t bytes) {
        if (!budget_->take(bytes)) {
            return false;
        }
        bytes_ += bytes;
        return true;
    }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    byte_budget* budget_ = nullptr;
    std::size_t bytes_ = 0;
};

/// The memory that the peers of a server may have it hold.
struct memory_budgets {
    explicit memory_budgets(const limits& bounds)
        : requests(bounds.reassembly_process),
          requests_of_strangers(bounds.reassembly_process / strangers_share, &requests),
          answers(bounds.answers_process) {}

    byte_budget requests; ///< sent in fragments: while they are incomplete and while they run
    byte_budget requests_of_strangers; ///< those without identity cannot take everybody's room
    byte_budget answers;               ///< complete ones that wait for their peer to read

private:
    static constexpr std::size_t strangers_share = 4;
};

} // namespace bridge::dcerpc
