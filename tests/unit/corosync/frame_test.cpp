// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/frame.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace bridge::corosync;
namespace ports = bridge::ports;

std::vector<std::byte> some_body() {
    return {std::byte{1}, std::byte{2}, std::byte{3}};
}

TEST(Frame, ComesBackAsItWasSent) {
    const auto bytes = make_frame(ports::channel::node_report, some_body());
    const auto parsed = parse_frame(bytes);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->on, ports::channel::node_report);
    EXPECT_EQ(std::vector<std::byte>(parsed->body.begin(), parsed->body.end()), some_body());
}

TEST(Frame, MayBeEmpty) {
    EXPECT_TRUE(parse_frame(make_frame(ports::channel::node_report, {})));
}

TEST(Frame, KeepsAKindThatNobodyKnows) {
    const auto parsed = parse_frame(make_frame(static_cast<ports::channel>(999), some_body()));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(static_cast<unsigned>(parsed->on), 999u);
}

TEST(Frame, IsRefusedWithAnyByteChanged) {
    const auto good = make_frame(ports::channel::node_report, some_body());
    for (std::size_t i = 0; i < good.size(); ++i) {
        const bool reserved = i >= 16 && i < 20;
        auto bad = good;
        bad[i] ^= std::byte{0x40};
        EXPECT_EQ(parse_frame(bad).has_value(), reserved) << "byte " << i;
    }
}

TEST(Frame, IsRefusedAtEveryOtherLength) {
    auto bytes = make_frame(ports::channel::node_report, some_body());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(parse_frame({bytes.data(), size})) << size;
    bytes.push_back(std::byte{0});
    EXPECT_FALSE(parse_frame(bytes));
}

TEST(Frame, HasALimit) {
    const std::vector<std::byte> largest(max_frame_bytes - frame_header_bytes);
    EXPECT_EQ(make_frame(ports::channel::node_report, largest).size(), max_frame_bytes);
    EXPECT_TRUE(make_frame(ports::channel::node_report, std::vector<std::byte>(largest.size() + 1))
                    .empty());
    EXPECT_FALSE(parse_frame(std::vector<std::byte>(max_frame_bytes + 1)));
}

TEST(ByteReader, StopsAtItsEnd) {
    const auto bytes = some_body();
    byte_reader r(bytes);
    EXPECT_EQ(r.u16(), 0x0201);
    EXPECT_EQ(r.u32(), 0u);
    EXPECT_FALSE(r.ok());
    EXPECT_EQ(r.u8(), 0u);
}

TEST(ByteReader, RefusesTextThatIsTooLong) {
    byte_writer w;
    w.text("hello");
    const auto bytes = w.take();
    byte_reader fits(bytes);
    EXPECT_EQ(fits.text(5), "hello");
    byte_reader tight(bytes);
    tight.text(4);
    EXPECT_FALSE(tight.ok());
}

} // namespace
