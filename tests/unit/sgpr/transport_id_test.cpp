// SPDX-License-Identifier: Apache-2.0
#include "sgpr/transport_id.hpp"

#include <gtest/gtest.h>

namespace {

using namespace sgpr;

constexpr initiator_session session{0x00, 0x02, 0x3d, 0x00, 0x00, 0x01};

bytes iscsi(std::string_view field, std::uint8_t format = 0x45, std::size_t padded = 0) {
    bytes raw{format, 0, 0, 0};
    raw.insert(raw.end(), field.begin(), field.end());
    raw.resize(4 + std::max(padded, field.size()));
    raw[2] = static_cast<std::uint8_t>((raw.size() - 4) >> 8);
    raw[3] = static_cast<std::uint8_t>(raw.size() - 4);
    return raw;
}

TEST(TransportId, OfSasHasItsAddressInBytes4To11) {
    bytes raw(24);
    raw[0] = 0x06;
    raw[4] = 0x60;
    raw[11] = 0xa1;
    const auto got = parse_transport_id(raw);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->id, sas_transport_id(0x60000000000000a1));
    EXPECT_EQ(got->size, 24U);
    EXPECT_EQ(text(got->id), "sas 60000000000000a1");
}

TEST(TransportId, OfFibreChannelHasItsNameInBytes8To15) {
    bytes raw(24);
    raw[8] = 0x21;
    raw[15] = 0x01;
    const auto got = parse_transport_id(raw);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->id, fibre_channel_transport_id(0x2100000000000001));
    EXPECT_EQ(text(got->id), "fc 2100000000000001");
}

TEST(TransportId, OfIscsiHasNameAndSession) {
    const auto raw = iscsi("iqn.2026-01.example:a,i,0x00023d000001", 0x45, 44);
    const auto got = parse_transport_id(raw);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->id, iscsi_transport_id("iqn.2026-01.example:a", session));
    EXPECT_EQ(got->size, 48U);
    EXPECT_EQ(text(got->id), "iqn.2026-01.example:a,i,0x00023d000001");
}

TEST(TransportId, OfIscsiIsTheSameWhateverPaddingAndCase) {
    const auto one = parse_transport_id(iscsi("iqn.2026-01.example:a,i,0x00023d00000A", 0x45, 40));
    const auto two = parse_transport_id(iscsi("IQN.2026-01.Example:A,i,0x00023D00000a", 0x45, 80));
    ASSERT_TRUE(one && two);
    EXPECT_EQ(one->id, two->id);
}

TEST(TransportId, OfIscsiWithoutSessionIsTheWholeNode) {
    const auto got = parse_transport_id(iscsi("iqn.2026-01.example:a", 0x05, 24));
    ASSERT_TRUE(got);
    EXPECT_FALSE(got->id.session);
    EXPECT_EQ(got->id.iscsi_name, "iqn.2026-01.example:a");
}

TEST(TransportId, OfIscsiThatContradictsItselfIsRefused) {
    const std::string whole = "iqn.2026-01.example:a,i,0x00023d000001";
    EXPECT_FALSE(parse_transport_id(iscsi(whole))) << "no end";
    EXPECT_FALSE(parse_transport_id(iscsi("iqn.2026-01.example:a", 0x45, 24))) << "no session";
    EXPECT_FALSE(parse_transport_id(iscsi("iqn.example:a,i,0x00023d00000g", 0x45, 32)));
    EXPECT_FALSE(parse_transport_id(iscsi("iqn.example:a,i,0x00023d0000", 0x45, 32)));
    EXPECT_FALSE(parse_transport_id(iscsi(",i,0x00023d000001", 0x45, 24))) << "no name";
    EXPECT_FALSE(parse_transport_id(iscsi(whole, 0x85, 40))) << "unknown format";
    EXPECT_FALSE(parse_transport_id(iscsi(std::string(max_iscsi_name + 1, 'x'), 0x05, 228)));
    EXPECT_TRUE(parse_transport_id(iscsi(std::string(max_iscsi_name, 'x'), 0x05, 224)));
    auto cut = iscsi(whole, 0x45, 40);
    cut.pop_back();
    EXPECT_FALSE(parse_transport_id(cut));
}

TEST(TransportId, OfIscsiIsShownAsPlainText) {
    EXPECT_EQ(text(transport_id{.kind = protocol::iscsi, .iscsi_name = " a\n\xc3\x7f"}), " a???");
}

TEST(TransportId, ShorterThan24BytesIsRefused) {
    EXPECT_FALSE(parse_transport_id(bytes(23)));
    EXPECT_TRUE(parse_transport_id(bytes(24)));
}

TEST(TransportId, OfAnUnknownProtocolKeepsItsBytes) {
    bytes raw(24, 0x11);
    raw[0] = 0x0a;
    const auto got = parse_transport_id(raw);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->id.address, bytes(23, 0x11));
    EXPECT_EQ(encode_transport_id(got->id), raw);
}

TEST(TransportId, IsWrittenAsItIsRead) {
    for (const auto& id : {sas_transport_id(0x5000c50012345678), fibre_channel_transport_id(1),
                           iscsi_transport_id("iqn.2026-01.example:a", session),
                           iscsi_transport_id(std::string(max_iscsi_name, 'n'), session),
                           transport_id{.kind = protocol::srp, .address = bytes(16, 9)}}) {
        const auto raw = encode_transport_id(id);
        EXPECT_EQ(raw.size() % 4, 0U);
        EXPECT_GE(raw.size(), 24U);
        const auto again = parse_transport_id(raw);
        ASSERT_TRUE(again) << text(id);
        EXPECT_EQ(again->id, id);
        EXPECT_EQ(again->size, raw.size());
    }
}

} // namespace
