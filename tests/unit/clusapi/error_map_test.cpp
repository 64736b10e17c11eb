// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/error_map.hpp"

#include <gtest/gtest.h>

#include <set>

namespace bridge::clusapi::test {

using enum win32::win32_error;
using model::registry_errc;

TEST(ErrorMap, GivesNoCodeThatMakesAClientReconnect) {
    // MS-CMRP 3.2.4.6 for version 3, and what version 2 has besides.
    const std::set<std::uint32_t> reconnect{1702, 1717, 1722, 1723, 1726, 1727, 1747, 1753,
                                            1775, 1825, 5050, 5072, 5073, 6,    1115, 1255};
    for (unsigned number = 0; number < 256; ++number)
        for (const auto method : {registry_call::on_key, registry_call::on_subkey})
            EXPECT_FALSE(reconnect.contains(
                win32::to_u32(to_win32(static_cast<registry_errc>(number), method))))
                << number;
}

TEST(ErrorMap, SuccessIsOnlyForNone) {
    EXPECT_EQ(to_win32(registry_errc::none, registry_call::on_key), ERROR_SUCCESS);
    for (unsigned number = 1; number < 256; ++number)
        EXPECT_NE(to_win32(static_cast<registry_errc>(number), registry_call::on_subkey),
                  ERROR_SUCCESS);
}

TEST(ErrorMap, SaysWhatIsWrong) {
    const auto on_key = [](registry_errc code) { return to_win32(code, registry_call::on_key); };
    EXPECT_EQ(on_key(registry_errc::not_active), ERROR_SHARING_PAUSED);
    EXPECT_EQ(on_key(registry_errc::busy), ERROR_BUSY);
    EXPECT_EQ(on_key(registry_errc::disk_full), ERROR_DISK_FULL);
    EXPECT_EQ(on_key(registry_errc::tree_full), ERROR_NO_SYSTEM_RESOURCES);
    EXPECT_EQ(on_key(registry_errc::too_large), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(on_key(registry_errc::undecided), ERROR_OPERATION_ABORTED);
    EXPECT_EQ(on_key(registry_errc::has_subkeys), ERROR_ACCESS_DENIED);
    EXPECT_EQ(on_key(registry_errc::value_not_found), ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(on_key(registry_errc::key_not_found), ERROR_KEY_DELETED);
    EXPECT_EQ(to_win32(registry_errc::key_not_found, registry_call::on_subkey),
              ERROR_FILE_NOT_FOUND);
}

} // namespace bridge::clusapi::test
