// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/fixture.hpp"

#include "bridge/clusapi/property_list.hpp"

namespace bridge::clusapi::test {

using enum win32::win32_error;
namespace rights = win32::rights;

class registry_suite : public both_syntaxes {
protected:
    ndr::context_handle open(std::string_view path, std::uint32_t desired = rights::key_read) {
        return client.ask<wire::ApiOpenKey>({client.root_key(), w(path), desired}).result;
    }

    std::vector<std::string> subkeys(const ndr::context_handle& key) {
        std::vector<std::string> out;
        for (std::uint32_t i = 0;; ++i) {
            const auto entry = client.ask<wire::ApiEnumKey>({key, i});
            if (code(entry.result) != ERROR_SUCCESS) {
                EXPECT_EQ(code(entry.result), ERROR_NO_MORE_ITEMS);
                return out;
            }
            out.push_back(n(entry.KeyName));
        }
    }

    wire::ApiQueryValue_out query(const ndr::context_handle& key, std::u16string name,
                                  std::uint32_t size) {
        wire::ApiQueryValue_in in;
        in.hKey = key;
        in.lpValueName = std::move(name);
        in.cbData = size;
        return client.ask<wire::ApiQueryValue>(in);
    }
};

using RegistryKey = registry_suite;
INSTANTIATE_TEST_SUITE_P(Syntaxes, RegistryKey,
                         ::testing::Values(ndr::syntax::ndr, ndr::syntax::ndr64));

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

TEST_P(RegistryKey, GivesItsSecurityDescriptor) {
    wire::ApiGetKeySecurity_in in;
    in.hKey = client.root_key();
    in.SecurityInformation = 7;
    in.pRpcSecurityDescriptor.cbInSecurityDescriptor = 1024;
    in.pRpcSecurityDescriptor.lpSecurityDescriptor.emplace();
    const auto out = client.ask<wire::ApiGetKeySecurity>(in);
    ASSERT_EQ(code(out.result), ERROR_SUCCESS);
    ASSERT_TRUE(out.pRpcSecurityDescriptor.lpSecurityDescriptor);
    const auto parsed =
        win32::decode_security_descriptor(*out.pRpcSecurityDescriptor.lpSecurityDescriptor);
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->dacl);
    in.pRpcSecurityDescriptor.cbInSecurityDescriptor = 4;
    const auto small = client.ask<wire::ApiGetKeySecurity>(in);
    EXPECT_EQ(code(small.result), ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(small.pRpcSecurityDescriptor.cbInSecurityDescriptor,
              out.pRpcSecurityDescriptor.cbOutSecurityDescriptor);
    in.pRpcSecurityDescriptor = {};
    const auto none = client.ask<wire::ApiGetKeySecurity>(in);
    EXPECT_EQ(none.pRpcSecurityDescriptor.cbInSecurityDescriptor,
              out.pRpcSecurityDescriptor.cbOutSecurityDescriptor);
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

TEST_P(RegistryKey, WritingIsToCome) {
    wire::ApiCreateKey_in in;
    in.hKey = client.root_key();
    in.lpSubKey = u"New";
    const auto out = client.ask<wire::ApiCreateKey>(in);
    EXPECT_EQ(code(out.Status), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_TRUE(out.result.is_null());
}

} // namespace bridge::clusapi::test
