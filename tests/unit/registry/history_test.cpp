// SPDX-License-Identifier: Apache-2.0
// The chain of hashes against figures computed by another implementation (Python's hashlib).
#include "bridge/registry/history.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

namespace {

using namespace bridge::registry;

std::string hex(const history_hash& hash) {
    std::string out;
    for (const auto byte : hash) {
        out += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
        out += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
    }
    return out;
}

shared_bytes body(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
}

log_entry full_entry() {
    log_entry entry;
    entry.index = 1;
    entry.epoch = {0x0102030405060708, 0x11121314};
    entry.operation.node = 0x21222324;
    for (unsigned at = 0; at < 16; ++at)
        entry.operation.incarnation[at] = static_cast<std::byte>(at);
    entry.operation.sequence = 0x3132333435363738;
    entry.kind = 7;
    entry.body = body("body");
    return entry;
}

TEST(HistoryHash, IsTheDocumentedSha256) {
    const auto first = extend({}, full_entry());
    EXPECT_EQ(hex(first), "65670ff1366cfdaa4d2f9df73740ad01224d76aa9cb5d4e0788d532771f15341");
    log_entry second;
    second.epoch = {2, 1};
    second.operation = {3, {}, 1};
    second.body = body("");
    EXPECT_EQ(hex(extend(first, second)),
              "3bc0d0e9de119e09f4804dac5dcb9dd0714e3325e2a7adce25d1ee9d8cf904f9");
}

TEST(HistoryHash, ReadsNeitherTheIndexNorTheHashOfTheEntry) {
    auto entry = full_entry();
    const auto hash = extend({}, entry);
    entry.index = 99;
    entry.hash.fill(std::byte{1});
    EXPECT_EQ(extend({}, entry), hash);
}

TEST(HistoryHash, ChangesWithEachField) {
    const auto hash = extend({}, full_entry());
    history_hash before{};
    before[31] = std::byte{1};
    EXPECT_NE(extend(before, full_entry()), hash);
    const auto differs = [&](auto change) {
        auto entry = full_entry();
        change(entry);
        return extend({}, entry) != hash;
    };
    EXPECT_TRUE(differs([](log_entry& e) { ++e.epoch.number; }));
    EXPECT_TRUE(differs([](log_entry& e) { ++e.epoch.coordinator; }));
    EXPECT_TRUE(differs([](log_entry& e) { ++e.operation.node; }));
    EXPECT_TRUE(differs([](log_entry& e) { e.operation.incarnation[15] = std::byte{0}; }));
    EXPECT_TRUE(differs([](log_entry& e) { ++e.operation.sequence; }));
    EXPECT_TRUE(differs([](log_entry& e) { ++e.kind; }));
    EXPECT_TRUE(differs([](log_entry& e) { e.body = body("bodY"); }));
    EXPECT_TRUE(differs([](log_entry& e) { e.body = body("body "); }));
}

} // namespace
