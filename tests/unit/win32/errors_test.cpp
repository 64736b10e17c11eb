// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/errors.hpp"
#include "bridge/win32/result.hpp"

#include <gtest/gtest.h>

namespace bridge::win32 {
namespace {

TEST(Win32Error, HasTheValuesOfTheSpecification) {
    EXPECT_EQ(to_u32(win32_error::ERROR_SUCCESS), 0U);
    EXPECT_EQ(to_u32(win32_error::ERROR_ACCESS_DENIED), 5U);
    EXPECT_EQ(to_u32(win32_error::ERROR_SHARING_PAUSED), 0x46U);
    EXPECT_EQ(to_u32(win32_error::ERROR_MORE_DATA), 0xEAU);
    EXPECT_EQ(to_u32(win32_error::ERROR_IO_PENDING), 0x3E5U);
    EXPECT_EQ(to_u32(win32_error::RPC_S_PROCNUM_OUT_OF_RANGE), 0x6D1U);
    EXPECT_EQ(to_u32(win32_error::ERROR_DEPENDENT_RESOURCE_EXISTS), 0x1389U);
    EXPECT_EQ(to_u32(win32_error::ERROR_CLUSTER_NODE_DOWN), 5050U);
    EXPECT_EQ(to_u32(win32_error::ERROR_CLUSTER_RESOURCE_LOCKED_STATUS), 0x1748U);
}

TEST(Win32Error, IsPrintedByNameOrByNumber) {
    EXPECT_EQ(name_of(win32_error::ERROR_MORE_DATA), "ERROR_MORE_DATA");
    EXPECT_EQ(to_string(win32_error::ERROR_MORE_DATA), "ERROR_MORE_DATA (0xEA)");
    EXPECT_EQ(to_string(win32_error{0xDEADBEEF}), "0xDEADBEEF");
    EXPECT_EQ(name_of(win32_error{0xFFFFFFFF}), "");
}

TEST(Win32Error, BecomesAnHresult) {
    EXPECT_EQ(to_hresult(win32_error::ERROR_SUCCESS), 0U);
    EXPECT_EQ(to_hresult(win32_error::ERROR_INVALID_SERVER_STATE), 0x80070548U);
}

TEST(Result, CarriesAValueOrACode) {
    const result<int> good = 7;
    const result<int> bad = win32_error::ERROR_BUSY;
    EXPECT_EQ(*good, 7);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error(), win32_error::ERROR_BUSY);
}

TEST(ResultDeathTest, AbortsWhenAFailureIsAskedForItsValue) {
    const result<int> bad = win32_error::ERROR_BUSY;
    EXPECT_DEATH(static_cast<void>(bad.value()), "errors_test.cpp:.*ERROR_BUSY");
}

TEST(InvariantDeathTest, PrintsPlaceAndExpression) {
    const int two = 2;
    BRIDGE_INVARIANT(two == 2);
    EXPECT_DEATH(BRIDGE_INVARIANT(two == 3), "errors_test.cpp:.*invariant failed: two == 3");
}

} // namespace
} // namespace bridge::win32
