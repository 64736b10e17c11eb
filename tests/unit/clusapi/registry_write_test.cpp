// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/registry_fixture.hpp"

namespace bridge::clusapi::test {

using enum win32::win32_error;
namespace rights = win32::rights;

REGISTRY_SUITE(RegistryWrite);

TEST_P(RegistryWrite, CreatesWhatIsMissingAndOpensWhatIsThere) {
    const auto made = create("Software\\Vendor\\Product");
    EXPECT_EQ(code(made.Status), ERROR_SUCCESS);
    EXPECT_EQ(made.lpdwDisposition, 1U);
    EXPECT_EQ(subkeys(client.root_key()).back(), "Software");
    EXPECT_EQ(subkeys(open("software")), std::vector<std::string>{"Vendor"});
    const auto again = create("SOFTWARE\\vendor\\product\\");
    EXPECT_EQ(code(again.Status), ERROR_SUCCESS);
    EXPECT_EQ(again.lpdwDisposition, 2U);
    EXPECT_EQ(set(again.result, "v", "x"), ERROR_SUCCESS);
    EXPECT_EQ(text(made.result, "V"), "x");
}

TEST_P(RegistryWrite, AnEmptySubkeyIsAnotherHandleOfTheSameKey) {
    const auto made = create("a").result;
    const auto same = create(made, "");
    EXPECT_EQ(same.lpdwDisposition, 2U);
    EXPECT_NE(same.result, made);
    EXPECT_EQ(set(same.result, "v", "x"), ERROR_SUCCESS);
    EXPECT_EQ(text(made, "v"), "x");
}

TEST_P(RegistryWrite, BadPathsMakeNothing) {
    EXPECT_EQ(code(create("\\a").Status), ERROR_BAD_PATHNAME);
    EXPECT_EQ(code(create("a\\\\b").Status), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(code(create(std::string(256, 'k')).Status), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(client.store.tree().keys(), 0U);
    EXPECT_TRUE(client.store.batches.empty());
}

TEST_P(RegistryWrite, TheMakerGetsTheRightsThatItAsksFor) {
    const auto key = create(client.root_key(), "a", rights::key_query_value).result;
    EXPECT_EQ(set(key, "v", "x"), ERROR_ACCESS_DENIED);
    EXPECT_EQ(text(key, "v"), win32::to_string(ERROR_FILE_NOT_FOUND));
    EXPECT_EQ(code(create(client.root_key(), "b", rights::access_system_security).Status),
              ERROR_PRIVILEGE_NOT_HELD);
    EXPECT_EQ(opening("b"), ERROR_FILE_NOT_FOUND);
}

TEST_P(RegistryWrite, MakingNeedsTheRightToMakeSubkeys) {
    const auto root = client.root_key(rights::key_read);
    EXPECT_EQ(code(create(root, "a").Status), ERROR_ACCESS_DENIED);
    client.store.make("b");
    EXPECT_EQ(code(create(root, "b").Status), ERROR_SUCCESS);
    // Below another key than the handle's that key's descriptor decides.
    EXPECT_EQ(code(create(root, "b\\c").Status), ERROR_SUCCESS);
}

TEST_P(RegistryWrite, SetsEachAcceptedType) {
    const auto key = create("a").result;
    for (const std::uint32_t type : {1, 2, 3, 4, 7, 11})
        EXPECT_EQ(set(key, "v" + std::to_string(type), type, encode_text("x")), ERROR_SUCCESS);
    for (const std::uint32_t type : {0, 5, 6, 8, 9, 10, 12, 0x10001})
        EXPECT_EQ(set(key, "w", type, encode_text("x")), ERROR_INVALID_PARAMETER) << type;
    EXPECT_EQ(values(key), (std::vector<std::string>{"v1", "v11", "v2", "v3", "v4", "v7"}));
    EXPECT_EQ(query(key, u"v7").lpValueType, 7U);
}

TEST_P(RegistryWrite, TheDefaultValueAndNoDataAreFine) {
    const auto key = create("a").result;
    EXPECT_EQ(set(key, "", 3, {}), ERROR_SUCCESS);
    const auto out = query(key, u"", 0);
    EXPECT_EQ(code(out.result), ERROR_SUCCESS);
    EXPECT_EQ(out.lpcbRequired, 0U);
    EXPECT_EQ(unset(key, ""), ERROR_SUCCESS);
    EXPECT_EQ(unset(key, ""), ERROR_FILE_NOT_FOUND);
}

TEST_P(RegistryWrite, ReplacesAValueAndItsType) {
    const auto key = create("a").result;
    set(key, "Name", "one");
    EXPECT_EQ(set(key, "NAME", 4, encode_u32(5)), ERROR_SUCCESS);
    EXPECT_EQ(values(key), std::vector<std::string>{"Name"});
    EXPECT_EQ(query(key, u"name").lpValueType, 4U);
}

TEST_P(RegistryWrite, RefusesWhatIsTooLarge) {
    const auto key = create("a").result;
    EXPECT_EQ(set(key, "v", 3, std::vector<std::byte>(512U << 10)), ERROR_SUCCESS);
    EXPECT_EQ(set(key, "v", 3, std::vector<std::byte>((512U << 10) + 1)), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(set(key, "v", 3, std::vector<std::byte>(1U << 20)), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(set(key, std::string(16384, 'v'), "x"), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(set(key, std::string(16383, 'v'), "x"), ERROR_SUCCESS);
}

TEST_P(RegistryWrite, DeletesAKeyWithoutSubkeysOnly) {
    const auto root = client.root_key();
    create("a\\b");
    EXPECT_EQ(erase(root, "a"), ERROR_ACCESS_DENIED);
    EXPECT_EQ(erase(root, "a\\b"), ERROR_SUCCESS);
    EXPECT_EQ(erase(root, "a\\b"), ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(erase(root, "a"), ERROR_SUCCESS);
    EXPECT_EQ(erase(root, ""), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(erase(root, "\\a"), ERROR_BAD_PATHNAME);
    EXPECT_EQ(erase(root, "c"), ERROR_FILE_NOT_FOUND);
}

TEST_P(RegistryWrite, TellsTimeAndCallerToTheStore) {
    client.server.now = [] { return std::uint64_t{0x0123456789ABCDEF}; };
    const auto key = create("a").result;
    ASSERT_FALSE(client.store.batches.empty());
    EXPECT_EQ(client.store.batches.back().time, 0x0123456789ABCDEFU);
    EXPECT_EQ(client.store.batches.back().caller, "DEMO\\someone");
    const auto info = client.ask<wire::ApiQueryInfoKey>({key});
    EXPECT_EQ(info.lpftLastWriteTime.dwLowDateTime, 0x89ABCDEFU);
    EXPECT_EQ(info.lpftLastWriteTime.dwHighDateTime, 0x01234567U);
}

TEST_P(RegistryWrite, NeedsTheLevelAll) {
    create("a");
    client.caller = reader();
    const auto root = client.root_key(rights::key_read);
    const auto key = client.ask<wire::ApiOpenKey>({root, u"a", rights::key_read}).result;
    EXPECT_EQ(code(create(root, "b", rights::key_read).Status), ERROR_ACCESS_DENIED);
    EXPECT_EQ(set(key, "v", "x"), ERROR_ACCESS_DENIED);
    EXPECT_EQ(unset(key, "v"), ERROR_ACCESS_DENIED);
    EXPECT_EQ(erase(root, "a"), ERROR_ACCESS_DENIED);
    EXPECT_FALSE(client.closed);
}

TEST_P(RegistryWrite, NeedsReadWriteState) {
    const auto key = create("a").result;
    client.source.now = model::server_state::read_only;
    EXPECT_EQ(set(key, "v", "x"), ERROR_SHARING_PAUSED);
    EXPECT_EQ(code(create("b").Status), ERROR_SHARING_PAUSED);
    EXPECT_EQ(text(key, "v"), win32::to_string(ERROR_FILE_NOT_FOUND));
}

TEST_P(RegistryWrite, WaitsWhileTheMembersAgreeAnew) {
    const auto key = create("a").result;
    client.source.now = model::server_state::read_only;
    client.store.while_reading = [this] { client.source.now = model::server_state::read_write; };
    EXPECT_EQ(set(key, "v", "x"), ERROR_SUCCESS);
    EXPECT_EQ(text(key, "v"), "x");
    client.source.now = model::server_state::none;
    client.store.while_reading = [this] { client.source.now = model::server_state::read_write; };
    EXPECT_EQ(set(key, "v", "y"), ERROR_SHARING_PAUSED);
}

TEST_P(RegistryWrite, PassesOnWhyTheStoreRefuses) {
    const auto key = create("a").result;
    const auto refused = [&](model::registry_errc why) {
        client.store.write_refusal = why;
        return set(key, "v", "x");
    };
    EXPECT_EQ(refused(model::registry_errc::not_active), ERROR_SHARING_PAUSED);
    EXPECT_EQ(refused(model::registry_errc::busy), ERROR_BUSY);
    EXPECT_EQ(refused(model::registry_errc::disk_full), ERROR_DISK_FULL);
    EXPECT_EQ(refused(model::registry_errc::undecided), ERROR_OPERATION_ABORTED);
    EXPECT_EQ(refused(model::registry_errc::tree_full), ERROR_NO_SYSTEM_RESOURCES);
    EXPECT_EQ(code(create("b").Status), ERROR_NO_SYSTEM_RESOURCES);
}

TEST_P(RegistryWrite, ToAKeyThatGoesWhileItWaitsIsRefused) {
    const auto key = create("a").result;
    const auto vanish = [this] {
        model::registry_command gone;
        gone.verb = model::registry_verb::delete_key;
        gone.path = "a";
        client.store.change({gone});
    };
    client.store.while_writing = vanish;
    EXPECT_EQ(set(key, "v", "x"), ERROR_KEY_DELETED);
    const auto next = create("a").result;
    client.store.while_writing = vanish;
    EXPECT_EQ(code(create(next, "b").Status), ERROR_KEY_DELETED);
    EXPECT_EQ(client.store.tree().find("a"), nullptr);
}

TEST_P(RegistryWrite, CreatingLosesTheRaceGracefully) {
    client.store.while_writing = [this] { client.store.make("a"); };
    const auto out = create("a");
    EXPECT_EQ(code(out.Status), ERROR_SUCCESS);
    EXPECT_EQ(out.lpdwDisposition, 2U);
}

TEST_P(RegistryWrite, IsReportedWithItsKeyAndResult) {
    const auto key = create("a").result;
    set(key, "v", "x");
    const auto& last = client.reports.entries.back();
    EXPECT_EQ(last.method, "ApiSetValue");
    EXPECT_EQ(last.object, "a");
    EXPECT_TRUE(last.changing);
    EXPECT_EQ(last.result, ERROR_SUCCESS);
}

} // namespace bridge::clusapi::test
