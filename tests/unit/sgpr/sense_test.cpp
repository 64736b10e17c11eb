// SPDX-License-Identifier: Apache-2.0
#include "sgpr/failure.hpp"
#include "sgpr/sense.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace {

using namespace sgpr;

constexpr sense_data preempted{.key = sense_key::unit_attention, .code = 0x2a, .qualifier = 0x05};

TEST(Sense, IsReadInFixedFormat) {
    const auto got =
        parse_sense(bytes{0xf0, 0, 0x03, 0, 0, 0x12, 0x34, 10, 0, 0, 0, 0, 0x11, 0x04, 0, 0, 0, 0});
    ASSERT_TRUE(got);
    EXPECT_EQ(got->key, sense_key::medium_error);
    EXPECT_TRUE(got->is(0x11, 0x04));
    EXPECT_EQ(got->information, 0x1234U);
    EXPECT_FALSE(got->deferred);
}

TEST(Sense, IsReadInDescriptorFormat) {
    const auto got = parse_sense(bytes{0x72, 0x06, 0x2a, 0x05, 0, 0, 0, 0});
    EXPECT_EQ(got, preempted);
}

TEST(Sense, FindsTheInformationDescriptorBehindOthers) {
    const auto got = parse_sense(bytes{0x73, 0x03, 0x11, 0, 0, 0, 0, 16, 0x02, 2, 0,    0,
                                       0,    10,   0x80, 0, 0, 0, 0, 1,  0,    0, 0x02, 0x03});
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->deferred);
    EXPECT_EQ(got->information, 0x100000203ULL);
}

TEST(Sense, WithoutCodesHasNone) {
    // The additional length ends before them.
    const auto got = parse_sense(bytes{0x70, 0, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x04, 0x01});
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->is(0, 0));
    EXPECT_EQ(parse_sense(bytes{0x70, 0, 0x02})->key, sense_key::not_ready);
}

TEST(Sense, InAnotherFormatIsNone) {
    EXPECT_FALSE(parse_sense({}));
    EXPECT_FALSE(parse_sense(bytes{0x7f, 6, 0x2a, 0x05}));
    EXPECT_FALSE(parse_sense(bytes{0x70, 0}));
    EXPECT_FALSE(parse_sense(bytes{0x72, 6, 0x2a}));
}

TEST(Sense, CutOffDescriptorsEndTheWalk) {
    const auto got = parse_sense(bytes{0x72, 0x03, 0x11, 0, 0, 0, 0, 0xff, 0, 0xff, 0x80});
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->information);
}

TEST(Sense, IsWrittenAsItIsRead) {
    for (auto sense : {preempted, sense_data{.key = sense_key::medium_error,
                                  .deferred = true,
                                  .information = 0x12345678}}) {
        EXPECT_EQ(parse_sense(encode_sense(sense)), sense);
        sense.information = 0x123456789aULL;
        EXPECT_EQ(parse_sense(encode_sense(sense)), sense);
    }
}

TEST(Sense, HasAText) {
    const auto line = text(preempted);
    EXPECT_NE(line.find("2a/05"), std::string::npos) << line;
    EXPECT_NE(line.find("egistrations preempted"), std::string::npos) << line;
}

TEST(Failure, HasANameForEveryCode) {
    for (int i = 0; i < errc_count; ++i) {
        EXPECT_NE(text(static_cast<errc>(i)), "unknown failure") << i;
    }
    EXPECT_EQ(text(static_cast<errc>(errc_count)), "unknown failure");
}

TEST(Failure, SaysWhatTheDeviceAndTheSystemSaid) {
    const auto line = text(failure{.code = errc::not_ready,
                                   .sense = {.key = sense_key::not_ready, .code = 0x08},
                                   .os_error = EIO});
    EXPECT_NE(line.find("not ready: "), std::string::npos) << line;
    EXPECT_NE(line.find("08/00"), std::string::npos) << line;
    EXPECT_NE(line.find("nput/output"), std::string::npos) << line;
}

TEST(Failure, ThrowsWhenItsValueIsTaken) {
    const result<int> got = failure{.code = errc::busy};
    EXPECT_THROW(static_cast<void>(got.value()), std::logic_error);
}

} // namespace
