// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/guid.hpp"

#include <gtest/gtest.h>
#include <set>

namespace bridge::win32 {
namespace {

constexpr std::string_view clusapi = "b97db8b2-4c63-11cf-bff6-08002be23f2f";

TEST(Guid, RoundTripsAsText) {
    const auto value = parse_guid(clusapi);
    ASSERT_TRUE(value);
    EXPECT_EQ(value->data1, 0xB97DB8B2U);
    EXPECT_EQ(value->data2, 0x4C63U);
    EXPECT_EQ(value->data3, 0x11CFU);
    EXPECT_EQ(value->data4,
              (std::array<std::uint8_t, 8>{0xBF, 0xF6, 8, 0, 0x2B, 0xE2, 0x3F, 0x2F}));
    EXPECT_EQ(to_string(*value), clusapi);
}

TEST(Guid, IsReadInBracesAndInCapitals) {
    EXPECT_EQ(parse_guid("{B97DB8B2-4C63-11CF-BFF6-08002BE23F2F}"), parse_guid(clusapi));
}

TEST(Guid, RefusesWhatIsNotOne) {
    for (const std::string_view text :
         {"", "{}", "b97db8b2-4c63-11cf-bff6-08002be23f2", "b97db8b2-4c63-11cf-bff6-08002be23f2f0",
          "b97db8b24c6311cfbff608002be23f2f", "{b97db8b2-4c63-11cf-bff6-08002be23f2f",
          "b97db8b2-4c63-11cf-bff6-08002be23f2g", "b97db8b2-4c63-11cf-bff6_08002be23f2f",
          "b97db8b2-4c63-11cf-bff6--8002be23f2f", "[b97db8b2-4c63-11cf-bff6-08002be23f2f]",
          " b97db8b2-4c63-11cf-bff6-08002be23f2"}) {
        EXPECT_FALSE(parse_guid(text)) << text;
    }
}

TEST(Guid, NameBasedMatchesKnownVersionFive) {
    // RFC 4122 appendix C, name space of DNS; the values are those that every implementation gives.
    const auto dns = *parse_guid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    EXPECT_EQ(to_string(name_based_guid(dns, "www.example.com")),
              "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    EXPECT_EQ(to_string(name_based_guid(dns, "")), "4ebd0208-8328-5d69-8c44-ec50939c0967");
    EXPECT_NE(name_based_guid(dns, "a"), name_based_guid(dns, "b"));
}

TEST(Guid, RandomIsVersionFourAndDiffers) {
    std::set<guid> seen;
    for (int i = 0; i < 100; ++i) {
        const auto value = random_guid();
        EXPECT_EQ(value.data3 >> 12, 4);
        EXPECT_EQ(value.data4[0] >> 6, 2);
        seen.insert(value);
    }
    EXPECT_EQ(seen.size(), 100U);
}

TEST(Guid, NetworkBytesAreInTextOrder) {
    const auto bytes = network_bytes(*parse_guid("00010203-0405-0607-0809-0a0b0c0d0e0f"));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        EXPECT_EQ(std::to_integer<std::size_t>(bytes[i]), i);
    }
}

TEST(Guid, CountedOnesHashApart) {
    std::set<std::size_t> hashes;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        guid value;
        value.data1 = i;
        hashes.insert(std::hash<guid>{}(value));
        value.data1 = 0;
        value.data4[7] = static_cast<std::uint8_t>(i);
        value.data4[6] = static_cast<std::uint8_t>(i >> 8);
        hashes.insert(std::hash<guid>{}(value));
    }
    EXPECT_EQ(hashes.size(), 1999U); // both orders contain the null GUID
    EXPECT_TRUE(guid{}.is_null());
}

} // namespace
} // namespace bridge::win32
