// SPDX-License-Identifier: Apache-2.0
// Room on the disk: the reserve, the free space, and who is told.
#include "tests/unit/registry/store_owner.hpp"

#include "bridge/registry/store_files.hpp"
#include "bridge/registry/store_room.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace {

using namespace bridge::registry;
using namespace bridge::tests;

constexpr std::uint64_t reserve = 1U << 20, wanted = 4U << 20;

TEST(StoreRoom, IsWhatIsFreeBesideTheReserve) {
    const private_folder folder;
    const auto file = folder / "registry.db";
    std::uint64_t free = wanted + reserve;
    store_room room(file, {reserve, wanted}, [&] { return free; });
    EXPECT_TRUE(room.look());
    EXPECT_EQ(std::filesystem::file_size(reserve_of(file)), reserve);
    free = wanted; // the reserve has been taken from it
    EXPECT_TRUE(room.look());
    free = wanted - 1;
    EXPECT_FALSE(room.look());
    free = wanted;
    EXPECT_TRUE(room.look());
}

TEST(StoreRoom, ComesBackOnlyTogetherWithTheReserve) {
    const private_folder folder;
    const auto file = folder / "registry.db";
    std::uint64_t free = wanted + reserve;
    store_room room(file, {reserve, wanted}, [&] { return free; });
    EXPECT_TRUE(room.look());
    room.release();
    EXPECT_FALSE(std::filesystem::exists(reserve_of(file)));
    free = wanted + reserve - 1;
    EXPECT_FALSE(room.look());
    free = wanted + reserve;
    EXPECT_TRUE(room.look());
    EXPECT_TRUE(std::filesystem::exists(reserve_of(file)));
}

TEST(StoreRoom, TakesOverTheReserveOfAnEarlierProcess) {
    const private_folder folder;
    const auto file = folder / "registry.db";
    std::uint64_t free = wanted + reserve;
    EXPECT_TRUE(store_room(file, {reserve, wanted}, [&] { return free; }).look());
    free = wanted;
    EXPECT_TRUE(store_room(file, {reserve, wanted}, [&] { return free; }).look());
    EXPECT_FALSE(store_room(file, {2 * reserve, wanted}, [&] { return free; }).look());
}

TEST(StoreRoom, OwnerIsToldOfChangesOnly) {
    const private_folder folder;
    std::atomic<std::uint64_t> free = wanted + reserve;
    auto settings = store_owner::small(folder / "registry.db");
    settings.reserve_bytes = reserve;
    settings.free_bytes = wanted;
    settings.room_interval = std::chrono::milliseconds(2);
    settings.free_space = [&] { return free.load(); };
    store_owner owner(settings);
    EXPECT_TRUE(owner.store().has_room());
    free = 5;
    owner.loop().run_until([&] { return owner.room_told().size() == 1; });
    EXPECT_FALSE(owner.store().has_room());
    EXPECT_EQ(owner.write({}), journal_errc::none); // what must be written still can be
    free = wanted;
    owner.loop().run_until([&] { return owner.room_told().size() == 2; });
    EXPECT_TRUE(owner.store().has_room());
    EXPECT_EQ(owner.room_told(), (std::vector{false, true}));
}

TEST(StoreRoom, IsKnownFromTheBeginning) {
    const private_folder folder;
    auto settings = store_owner::small(folder / "registry.db");
    settings.free_bytes = ~std::uint64_t{0} >> 1;
    EXPECT_FALSE(store_owner(settings).store().has_room());
}

} // namespace
