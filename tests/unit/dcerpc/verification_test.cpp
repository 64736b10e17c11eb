// SPDX-License-Identifier: Apache-2.0
#include "bridge/dcerpc/verification.hpp"
#include "tests/unit/dcerpc/client_pdus.hpp"

#include <gtest/gtest.h>

namespace bridge::dcerpc::test {
namespace {

constexpr std::uint16_t last = 0x4000;
constexpr std::uint16_t must_process = 0x8000;
constexpr syntax_id abstract{{1, 2, 3, {}}, 3, 0};

/// A stub of four bytes and a trailer of the commands that are appended.
struct trailer {
    trailer() {
        for (const int v : {1, 2, 3, 4, 0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71}) {
            u8(v);
        }
    }
    trailer& u8(int value) {
        stub.push_back(static_cast<std::byte>(value));
        return *this;
    }
    trailer& u16(std::uint16_t value) { return u8(value & 0xff).u8(value >> 8); }
    trailer& u32(std::uint32_t value) {
        return u16(static_cast<std::uint16_t>(value)).u16(static_cast<std::uint16_t>(value >> 16));
    }
    trailer& command(std::uint16_t code, std::uint16_t length) { return u16(code).u16(length); }
    trailer& syntax(const syntax_id& id) {
        u32(id.uuid.data1).u16(id.uuid.data2).u16(id.uuid.data3);
        for (const auto octet : id.uuid.data4) {
            u8(octet);
        }
        return u16(id.major_version).u16(id.minor_version);
    }
    trailer& header2(std::uint32_t call_id, std::uint16_t context_id, std::uint16_t opnum) {
        command(3 | last, 16).u32(0).u32(0x10).u32(call_id);
        return u16(context_id).u16(opnum);
    }
    [[nodiscard]] verification_result check() const {
        verification_facts facts;
        facts.abstract = abstract;
        facts.transfer = ndr_syntax;
        facts.call_id = 7;
        facts.context_id = 1;
        facts.opnum = 5;
        return check_verification_trailer(stub, facts);
    }
    bytes stub;
};

TEST(VerificationTrailer, OfTheSameRequestMatches) {
    EXPECT_EQ(trailer().header2(7, 1, 5).check().found, verification_result::verdict::matches);
    const auto both =
        trailer().command(1, 4).u32(0).command(2 | last, 40).syntax(abstract).syntax(ndr_syntax);
    EXPECT_EQ(both.check().found, verification_result::verdict::matches);
    EXPECT_EQ(both.check().stub_length, 4U);
}

TEST(VerificationTrailer, OfAnotherRequestContradicts) {
    EXPECT_EQ(trailer().header2(8, 1, 5).check().found, verification_result::verdict::contradicts);
    EXPECT_EQ(trailer().header2(7, 2, 5).check().found, verification_result::verdict::contradicts);
    EXPECT_EQ(trailer().header2(7, 1, 6).check().found, verification_result::verdict::contradicts);
    EXPECT_EQ(trailer().command(2 | last, 40).syntax(abstract).syntax(ndr64_syntax).check().found,
              verification_result::verdict::contradicts);
    EXPECT_EQ(trailer().command(2 | last, 40).syntax(ndr_syntax).syntax(ndr_syntax).check().found,
              verification_result::verdict::contradicts);
}

TEST(VerificationTrailer, ThatIsCutOrOverrunsContradicts) {
    EXPECT_EQ(trailer().check().found,
              verification_result::verdict::contradicts); // no command at all
    EXPECT_EQ(trailer().command(1, 4).u32(0).check().found,
              verification_result::verdict::contradicts); // no last one
    EXPECT_EQ(trailer().command(1 | last, 5).u32(0).check().found,
              verification_result::verdict::contradicts);
    EXPECT_EQ(trailer().command(1 | last, 0xffff).u32(0).check().found,
              verification_result::verdict::contradicts);
    auto whole = trailer().header2(7, 1, 5);
    constexpr std::size_t before_commands = 12;
    while (whole.stub.size() > before_commands) {
        whole.stub.pop_back();
        EXPECT_EQ(whole.check().found, verification_result::verdict::contradicts)
            << whole.stub.size();
    }
    whole.stub.pop_back(); // the magic itself is cut: the caller's own data
    EXPECT_EQ(whole.check().found, verification_result::verdict::absent);
}

TEST(VerificationTrailer, WithAnUnknownCommandContradictsOnlyWhenItMustBeProcessed) {
    EXPECT_EQ(trailer().command(9, 0).command(1 | last, 4).u32(0).check().found,
              verification_result::verdict::matches);
    EXPECT_EQ(trailer().command(9 | must_process, 0).command(1 | last, 4).u32(0).check().found,
              verification_result::verdict::contradicts);
    // Commands without a value, as many as fit, end.
    trailer many;
    for (int i = 0; i < 200; ++i) {
        many.command(9, 0);
    }
    EXPECT_EQ(many.check().found, verification_result::verdict::contradicts);
    EXPECT_EQ(many.command(9 | last, 0).check().found, verification_result::verdict::matches);
}

TEST(VerificationTrailer, IsTheLastOneAndStandsAligned) {
    auto inner = trailer().header2(99, 1, 5).stub; // the caller's own data
    const auto outer = trailer().header2(7, 1, 5).stub;
    inner.insert(inner.end(), outer.begin(), outer.end());
    trailer both;
    both.stub = inner;
    EXPECT_EQ(both.check().found, verification_result::verdict::matches);
    trailer shifted;
    shifted.header2(99, 1, 5);
    shifted.stub.insert(shifted.stub.begin(), std::byte{0});
    EXPECT_EQ(shifted.check().found, verification_result::verdict::absent);
}

} // namespace
} // namespace bridge::dcerpc::test
