// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/registry_fixture.hpp"

namespace bridge::clusapi::test {

using enum win32::win32_error;
namespace rights = win32::rights;

REGISTRY_SUITE(RegistryKey);

TEST_P(RegistryKey, RootListsTheKindsOfObjects) {
    EXPECT_EQ(subkeys(client.root_key()),
              (std::vector<std::string>{"Groups", "NetworkInterfaces", "Networks", "Nodes",
                                        "Quorum", "Resources", "ResourceTypes"}));
}

TEST_P(RegistryKey, ObjectsAreNamedByIdentifier) {
    EXPECT_EQ(subkeys(open("groups")),
              (std::vector<std::string>{std::string(web_id), std::string(empty_id),
                                        std::string(core_id)}));
    EXPECT_EQ(subkeys(open("Nodes")), (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(subkeys(open("ResourceTypes")).front(), "IP Address");
    EXPECT_EQ(subkeys(open("Resources\\" + std::string(ip_id))),
              (std::vector<std::string>{"Parameters"}));
}

TEST_P(RegistryKey, MissingIsNotFoundAndLeadingBackslashABadPath) {
    const auto ask = [&](std::u16string path) {
        return code(
            client.ask<wire::ApiOpenKey>({client.root_key(), path, rights::key_read}).Status);
    };
    EXPECT_EQ(ask(u"Nonsense"), ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(ask(u"Groups\\Web"), ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(ask(u"Groups\\"), ERROR_SUCCESS);
    EXPECT_EQ(ask(u"\\Groups"), ERROR_BAD_PATHNAME);
    EXPECT_EQ(ask(u""), ERROR_SUCCESS);
    EXPECT_EQ(ask(std::u16string(5000, u'\\')), ERROR_BAD_PATHNAME);
    EXPECT_EQ(ask(u"a" + std::u16string(20000, u'\\')), ERROR_FILE_NOT_FOUND);
}

TEST_P(RegistryKey, GivesTheInstanceIdentifier) {
    const auto root = client.root_key();
    const auto small = query(root, u"ClusterInstanceID", 0);
    EXPECT_EQ(code(small.result), ERROR_MORE_DATA);
    EXPECT_EQ(small.lpcbRequired, 74U);
    const auto whole = query(root, u"clusterinstanceid", 100);
    EXPECT_EQ(code(whole.result), ERROR_SUCCESS);
    EXPECT_EQ(whole.lpValueType, 1U);
    EXPECT_EQ(whole.lpData.size(), 100U);
    EXPECT_EQ(parse_text(whole.lpData), "00000000-1111-2222-3333-444444444444");
    EXPECT_EQ(code(query(root, u"Nonsense", 100).result), ERROR_FILE_NOT_FOUND);
}

TEST_P(RegistryKey, RefusesToSendWhatNobodyNeeds) {
    query(client.root_key(), u"ClusterName", 0xFFFFFFFF);
    EXPECT_EQ(client.fault, dcerpc::fault::remote_no_memory);
}

TEST_P(RegistryKey, EnumeratesValuesUpToTheLast) {
    const auto key = open("Resources\\" + std::string(ip_id) + "\\Parameters");
    const auto first = client.ask<wire::ApiEnumValue>({key, 0, 100});
    EXPECT_EQ(n(first.lpValueName), "Address");
    EXPECT_EQ(first.lpType, 1U);
    EXPECT_EQ(first.TotalSize, 18U);
    EXPECT_EQ(parse_text(first.lpData), "10.0.0.5");
    const auto small = client.ask<wire::ApiEnumValue>({key, 0, 4});
    EXPECT_EQ(code(small.result), ERROR_MORE_DATA);
    EXPECT_EQ(small.TotalSize, 18U);
    EXPECT_EQ(code(client.ask<wire::ApiEnumValue>({key, 4, 100}).result), ERROR_NO_MORE_ITEMS);
}

TEST_P(RegistryKey, CountsAndMeasuresItself) {
    const auto out = client.ask<wire::ApiQueryInfoKey>({client.root_key()});
    EXPECT_EQ(out.lpcSubKeys, 7U);
    EXPECT_EQ(out.lpcbMaxSubKeyLen, 17U);
    EXPECT_GT(out.lpcValues, 3U);
    EXPECT_GT(out.lpcbMaxValueLen, 73U);
    EXPECT_GT(out.lpcbSecurityDescriptor, 20U);
}

TEST_P(RegistryKey, RightsAreThoseOfTheOpening) {
    const auto listing = client.root_key(rights::key_enumerate_sub_keys);
    EXPECT_EQ(code(client.ask<wire::ApiEnumKey>({listing, 0}).result), ERROR_SUCCESS);
    EXPECT_EQ(code(query(listing, u"ClusterName", 100).result), ERROR_ACCESS_DENIED);
    client.caller = reader();
    EXPECT_FALSE(client.root_key(rights::key_read).is_null());
    EXPECT_EQ(code(client.ask<wire::ApiGetRootKey>({rights::key_all_access}).Status),
              ERROR_ACCESS_DENIED);
}

TEST_P(RegistryKey, OfADeletedObjectIsDeleted) {
    const auto key = open("Groups\\" + std::string(empty_id));
    model::snapshot next = demo_snapshot();
    next.groups = {};
    client.source.shown = std::make_shared<const model::snapshot>(std::move(next));
    EXPECT_EQ(code(client.ask<wire::ApiQueryInfoKey>({key}).result), ERROR_KEY_DELETED);
    const auto closed = client.ask<wire::ApiCloseKey>({key});
    EXPECT_EQ(code(closed.result), ERROR_SUCCESS);
    EXPECT_TRUE(closed.pKey.is_null());
}

TEST_P(RegistryKey, OfADeletedKeyIsDeletedAlsoWhenOneIsMadeInItsPlace) {
    client.store.make("a\\b");
    const auto key = open("a\\b");
    ASSERT_EQ(erase(client.root_key(), "a\\b"), ERROR_SUCCESS);
    EXPECT_EQ(code(client.ask<wire::ApiQueryInfoKey>({key}).result), ERROR_KEY_DELETED);
    client.store.make("a\\b");
    EXPECT_EQ(code(client.ask<wire::ApiQueryInfoKey>({key}).result), ERROR_KEY_DELETED);
    EXPECT_EQ(set(key, "v", "x"), ERROR_KEY_DELETED);
    EXPECT_EQ(code(create(key, "c").Status), ERROR_KEY_DELETED);
    EXPECT_EQ(code(client.ask<wire::ApiOpenKey>({key, u"", maximum}).Status), ERROR_KEY_DELETED);
}

TEST_P(RegistryKey, ShowsStoredKeysAndValuesInOrder) {
    client.store.set("soft", "b", model::registry_type::dword, encode_u32(7));
    client.store.set("soft", "A", model::registry_type::sz, encode_text("first"));
    client.store.set("soft", "", model::registry_type::sz, encode_text("default"));
    client.store.make("soft\\z");
    client.store.make("soft\\Y");
    const auto key = open("SOFT");
    EXPECT_EQ(values(key), (std::vector<std::string>{"", "A", "b"}));
    EXPECT_EQ(subkeys(key), (std::vector<std::string>{"Y", "z"}));
    EXPECT_EQ(text(key, ""), "default");
    const auto number = query(key, u"B");
    EXPECT_EQ(number.lpValueType, 4U);
    EXPECT_EQ(number.lpcbRequired, 4U);
    const auto info = client.ask<wire::ApiQueryInfoKey>({key});
    EXPECT_EQ(info.lpcSubKeys, 2U);
    EXPECT_EQ(info.lpcbMaxSubKeyLen, 1U);
    EXPECT_EQ(info.lpcValues, 3U);
    EXPECT_EQ(info.lpcbMaxValueNameLen, 1U);
    EXPECT_EQ(info.lpcbMaxValueLen, 16U);
    EXPECT_EQ(info.lpftLastWriteTime.dwLowDateTime, 1U);
}

TEST_P(RegistryKey, WaitsUntilTheRegistryIsFresh) {
    client.store.make("a");
    const auto key = open("a");
    client.store.while_reading = [this] {
        client.store.set("a", "v", model::registry_type::sz, encode_text("new"));
    };
    EXPECT_EQ(text(key, "v"), "new");
}

TEST_P(RegistryKey, AccessIsDecidedOnTheStateThatIsRead) {
    const auto key = client.root_key();
    client.store.while_reading = [this] { client.source.now = model::server_state::none; };
    EXPECT_EQ(code(query(key, u"ClusterName").result), ERROR_SHARING_PAUSED);
    client.source.now = model::server_state::read_write;
    const auto uuid = key.uuid;
    client.store.while_reading = [this, uuid] { client.handles.remove(client.target, uuid); };
    query(key, u"ClusterName");
    EXPECT_EQ(client.fault, dcerpc::fault::context_mismatch);
}

TEST_P(RegistryKey, IsReadAsItIsOnlyWhereTheNodeKnowsThatItIsCutOff) {
    const auto key = client.root_key();
    client.source.now = model::server_state::read_only;
    client.store.now = ports::registry_state::outside;
    EXPECT_EQ(text(key, "ClusterName"), "DEMO");
    client.store.now = ports::registry_state::learning;
    EXPECT_EQ(text(key, "ClusterName"), win32::to_string(ERROR_SHARING_PAUSED));
    client.store.now = ports::registry_state::active;
    client.store.read_refusal = model::registry_errc::busy;
    EXPECT_EQ(text(key, "ClusterName"), win32::to_string(ERROR_BUSY));
}

} // namespace bridge::clusapi::test
