// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/commands.hpp"
#include "sgpr/persistent_reservation.hpp"
#include "tests/contract/sgpr/rig.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace contract {

inline constexpr sgpr::key key_a{0x00000000c0ffee0aULL};
inline constexpr sgpr::key key_b{0xfedcba9876543210ULL};
inline constexpr sgpr::key key_c{0x0000000000000001ULL};

inline constexpr auto registrants_only = sgpr::reservation_type::write_exclusive_registrants_only;

/// One unit with nothing registered, two initiators, all unit attentions read.
class shared_unit : public ::testing::TestWithParam<rig_choice> {
protected:
    void SetUp() override;
    void TearDown() override;

    [[nodiscard]] sgpr::path& a() { return *a_.front(); }
    [[nodiscard]] sgpr::path& b() { return *b_.front(); }
    [[nodiscard]] bool has(deviation which) const { return rig_->has(which); }

    /// Removes every registration and reads all unit attentions away.
    void wipe();
    void quiet();
    [[nodiscard]] std::vector<sgpr::key> keys(sgpr::path& on);
    [[nodiscard]] std::optional<sgpr::reservation> held(sgpr::path& on);
    [[nodiscard]] std::optional<sgpr::errc> try_read(sgpr::path& on);
    [[nodiscard]] std::optional<sgpr::errc> try_write(sgpr::path& on);
    /// Kinds of the unit attentions that this nexus has waiting.
    [[nodiscard]] std::vector<sgpr::attention_kind> told(sgpr::path& on);

    /// What a nexus is told when another one removed its registration.
    [[nodiscard]] sgpr::attention_kind notice_of_preemption() const {
        return has(deviation::preempts_as_clear) ? sgpr::attention_kind::reservations_preempted
                                                 : sgpr::attention_kind::registrations_preempted;
    }

    std::unique_ptr<rig> rig_;
    std::vector<std::unique_ptr<sgpr::path>> a_;
    std::vector<std::unique_ptr<sgpr::path>> b_;
    sgpr::capacity size_;
};

/// Nothing for a success, so that expectations name the failure.
template <class T>
[[nodiscard]] std::optional<sgpr::errc> code(const sgpr::result<T>& got) {
    return got ? std::nullopt : std::optional(got.error().code);
}

inline constexpr std::nullopt_t good = std::nullopt;

inline std::string rig_name(const ::testing::TestParamInfo<rig_choice>& about) {
    return about.param.name;
}

} // namespace contract

namespace sgpr {

inline void PrintTo(errc code, std::ostream* to) {
    *to << text(code);
}
inline void PrintTo(attention_kind kind, std::ostream* to) {
    *to << "attention " << static_cast<int>(kind);
}
inline void PrintTo(key value, std::ostream* to) {
    *to << text(value);
}
inline void PrintTo(reservation_type type, std::ostream* to) {
    *to << text(type);
}

} // namespace sgpr
