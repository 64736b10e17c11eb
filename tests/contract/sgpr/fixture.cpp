// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/sgpr/fixture.hpp"

#include <algorithm>

namespace contract {

using namespace sgpr;

void shared_unit::SetUp() {
    rig_ = GetParam().make();
    ASSERT_TRUE(rig_);
    a_ = rig_->open(side::a);
    b_ = rig_->open(side::b);
    ASSERT_FALSE(a_.empty());
    ASSERT_FALSE(b_.empty());
    ASSERT_NO_FATAL_FAILURE(wipe());
    const auto size = read_capacity(a());
    ASSERT_TRUE(size) << text(size.error());
    size_ = *size;
    ASSERT_GE(size_.blocks, 64U);
}

void shared_unit::TearDown() {
    if (!a_.empty()) {
        wipe();
    }
}

void shared_unit::wipe() {
    quiet();
    ASSERT_EQ(code(register_and_ignore(a(), key_c)), good);
    ASSERT_EQ(code(clear(a(), key_c)), good);
    quiet();
    ASSERT_TRUE(keys(a()).empty());
    ASSERT_FALSE(held(a()));
}

void shared_unit::quiet() {
    for (auto* all : {&a_, &b_}) {
        for (const auto& one : *all) {
            ASSERT_EQ(code(test_unit_ready(*one)), good) << one->name();
            static_cast<void>(one->take_attentions());
        }
    }
}

std::vector<key> shared_unit::keys(path& on) {
    const auto got = read_keys(on);
    EXPECT_EQ(code(got), good);
    auto all = got ? got->keys : std::vector<key>();
    std::sort(all.begin(), all.end());
    return all;
}

std::optional<reservation> shared_unit::held(path& on) {
    const auto got = read_reservation(on);
    EXPECT_EQ(code(got), good);
    return got ? got->held : std::nullopt;
}

std::optional<errc> shared_unit::try_read(path& on) {
    return code(read_blocks(on, size_, 16, 1));
}

std::optional<errc> shared_unit::try_write(path& on) {
    return code(write_blocks(on, size_, 16, bytes(size_.block_size, 0x5a)));
}

std::vector<attention_kind> shared_unit::told(path& on) {
    EXPECT_EQ(code(test_unit_ready(on)), good);
    std::vector<attention_kind> kinds;
    for (const auto& one : on.take_attentions()) {
        kinds.push_back(one.kind);
    }
    return kinds;
}

INSTANTIATE_TEST_SUITE_P(Target, shared_unit, ::testing::ValuesIn(rigs()), rig_name);

} // namespace contract
