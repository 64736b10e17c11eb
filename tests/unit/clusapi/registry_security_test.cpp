// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/registry_fixture.hpp"

#include "bridge/win32/sddl.hpp"

namespace bridge::clusapi::test {

using enum win32::win32_error;
namespace rights = win32::rights;

class security_suite : public registry_suite {
protected:
    static constexpr std::uint32_t owner = 1;
    static constexpr std::uint32_t group = 2;
    static constexpr std::uint32_t dacl = 4;
    static constexpr std::uint32_t sacl = 8;

    static std::vector<std::byte> bytes(std::string_view sddl) {
        return *win32::encode_security_descriptor(*win32::parse_sddl(sddl));
    }
    static wire::RPC_SECURITY_DESCRIPTOR wire_descriptor(std::vector<std::byte> bytes) {
        wire::RPC_SECURITY_DESCRIPTOR out;
        out.cbInSecurityDescriptor = out.cbOutSecurityDescriptor =
            static_cast<std::uint32_t>(bytes.size());
        out.lpSecurityDescriptor = std::move(bytes);
        return out;
    }
    win32::win32_error secure(const ndr::context_handle& key, std::uint32_t information,
                              std::vector<std::byte> descriptor) {
        wire::ApiSetKeySecurity_in in;
        in.hKey = key;
        in.SecurityInformation = information;
        in.pRpcSecurityDescriptor = wire_descriptor(std::move(descriptor));
        return code(client.ask<wire::ApiSetKeySecurity>(in).result);
    }
    std::string shown(const ndr::context_handle& key, std::uint32_t information = 7) {
        wire::ApiGetKeySecurity_in in;
        in.hKey = key;
        in.SecurityInformation = information;
        in.pRpcSecurityDescriptor.cbInSecurityDescriptor = 4096;
        in.pRpcSecurityDescriptor.lpSecurityDescriptor.emplace();
        const auto out = client.ask<wire::ApiGetKeySecurity>(in);
        if (code(out.result) != ERROR_SUCCESS)
            return win32::to_string(code(out.result));
        const auto parsed =
            win32::decode_security_descriptor(*out.pRpcSecurityDescriptor.lpSecurityDescriptor);
        return parsed ? *win32::to_sddl(*parsed) : "<invalid>";
    }
    wire::ApiCreateKey_out create_with(const ndr::context_handle& key, std::string_view path,
                                       std::vector<std::byte> descriptor) {
        wire::RPC_SECURITY_ATTRIBUTES attributes;
        attributes.nLength = 12;
        attributes.RpcSecurityDescriptor = wire_descriptor(std::move(descriptor));
        wire::ApiCreateKey_in in;
        in.hKey = key;
        in.lpSubKey = w(path);
        in.samDesired = maximum;
        in.lpSecurityAttributes = std::move(attributes);
        return client.ask<wire::ApiCreateKey>(in);
    }
};

using KeySecurity = security_suite;
INSTANTIATE_TEST_SUITE_P(Syntaxes, KeySecurity,
                         ::testing::Values(ndr::syntax::ndr, ndr::syntax::ndr64));

TEST_P(KeySecurity, GivesItsSecurityDescriptor) {
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

TEST_P(KeySecurity, OfANewKeyIsInheritedAndItsMakersOwn) {
    const auto key = create("a\\b").result;
    EXPECT_EQ(shown(key), "O:S-1-5-21-1-2-3-500G:BAD:AI(A;CIID;KA;;;BA)(A;CIID;KA;;;SY)"
                          "(A;CIID;KR;;;AU)");
    EXPECT_TRUE(client.store.tree().find("a")->descriptor());
    // A change above does not reach what was made before.
    ASSERT_EQ(secure(open("a"), dacl, bytes("D:P(A;CI;KA;;;BA)")), ERROR_SUCCESS);
    EXPECT_NE(shown(key).find("KR;;;AU"), std::string::npos);
    EXPECT_EQ(shown(create("a\\c").result, dacl), "D:AI(A;CIID;KA;;;BA)");
}

TEST_P(KeySecurity, GivenToAKeyIsItsOwn) {
    const auto key = create_with(client.root_key(), "a\\b", bytes("D:(A;;KA;;;BA)(A;;KR;;;WD)"));
    ASSERT_EQ(code(key.Status), ERROR_SUCCESS);
    EXPECT_EQ(shown(key.result, dacl), "D:(A;;KA;;;BA)(A;;KR;;;WD)");
    EXPECT_NE(shown(open("a"), dacl).find("AU"), std::string::npos);
    const auto again = create_with(client.root_key(), "a\\b", bytes("D:(A;;KA;;;BA)"));
    EXPECT_EQ(again.lpdwDisposition, 2U);
    EXPECT_EQ(shown(again.result, dacl), "D:(A;;KA;;;BA)");
    EXPECT_EQ(code(create_with(client.root_key(), "c", std::vector<std::byte>(30)).Status),
              ERROR_INVALID_SECURITY_DESCR);
    EXPECT_EQ(opening("c"), ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(code(create_with(client.root_key(), "c", bytes("D:S:(AU;SA;KA;;;WD)")).Status),
              ERROR_PRIVILEGE_NOT_HELD);
}

TEST_P(KeySecurity, IsReplacedThroughCreateKeyOnlyByWhoMaySetIt) {
    ASSERT_EQ(code(create_with(client.root_key(), "a", bytes("O:SYG:SYD:(A;;KR;;;BA)")).Status),
              ERROR_SUCCESS);
    EXPECT_EQ(code(create_with(client.root_key(), "a", bytes("D:(A;;KA;;;BA)")).Status),
              ERROR_ACCESS_DENIED);
}

TEST_P(KeySecurity, HandlesAreNotInheritable) {
    wire::ApiCreateKey_in in;
    in.hKey = client.root_key();
    in.lpSubKey = u"a";
    in.samDesired = maximum;
    in.lpSecurityAttributes.emplace();
    in.lpSecurityAttributes->bInheritHandle = 1;
    EXPECT_EQ(code(client.ask<wire::ApiCreateKey>(in).Status), ERROR_INVALID_PARAMETER);
    in.lpSecurityAttributes->bInheritHandle = 0;
    EXPECT_EQ(code(client.ask<wire::ApiCreateKey>(in).Status), ERROR_SUCCESS);
}

TEST_P(KeySecurity, ChangesOnlyThePartsThatAreNamed) {
    const auto key = create("a").result;
    const auto given = bytes("O:SYG:SYD:P(A;CI;KA;;;BA)");
    ASSERT_EQ(secure(key, group, given), ERROR_SUCCESS);
    EXPECT_EQ(shown(key, owner | group), "O:S-1-5-21-1-2-3-500G:SY");
    EXPECT_NE(shown(key, dacl), "D:P(A;CI;KA;;;BA)");
    ASSERT_EQ(secure(key, dacl | owner, given), ERROR_SUCCESS);
    EXPECT_EQ(shown(key), "O:SYG:SYD:P(A;CI;KA;;;BA)");
    EXPECT_EQ(secure(key, dacl, std::vector<std::byte>(30)), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(secure(key, 0, given), ERROR_INVALID_PARAMETER);
    EXPECT_EQ(secure(key, sacl, bytes("S:(AU;SA;KA;;;WD)")), ERROR_ACCESS_DENIED);
}

TEST_P(KeySecurity, NeedsARightOnTheHandleForEachPart) {
    client.store.make("a");
    const auto given = bytes("O:BAG:BAD:(A;CI;KA;;;BA)");
    const auto read = open("a", rights::key_read);
    EXPECT_EQ(secure(read, dacl, given), ERROR_ACCESS_DENIED);
    const auto dac = open("a", rights::write_dac);
    EXPECT_EQ(secure(dac, owner, given), ERROR_ACCESS_DENIED);
    EXPECT_EQ(secure(dac, dacl, given), ERROR_SUCCESS);
    EXPECT_EQ(shown(dac), win32::to_string(ERROR_ACCESS_DENIED));
    EXPECT_EQ(secure(open("a", rights::write_owner), owner | group, given), ERROR_SUCCESS);
}

TEST_P(KeySecurity, DecidesWhoOpensTheKey) {
    client.store.make("open");
    ASSERT_EQ(secure(create("shut").result, dacl, bytes("D:P(A;CI;KA;;;BA)")), ERROR_SUCCESS);
    client.caller = reader();
    EXPECT_EQ(opening("open", rights::key_read), ERROR_SUCCESS);
    EXPECT_EQ(opening("shut", rights::key_read), ERROR_ACCESS_DENIED);
    EXPECT_EQ(opening("open", rights::key_set_value), ERROR_ACCESS_DENIED);
}

TEST_P(KeySecurity, OfTheRootIsTheServicesUntilOneIsStored) {
    const auto root = client.root_key();
    ASSERT_EQ(secure(root, dacl, bytes("D:(A;CI;KA;;;BA)")), ERROR_SUCCESS);
    EXPECT_EQ(shown(root, dacl), "D:(A;CI;KA;;;BA)");
    client.caller = reader();
    EXPECT_TRUE(client.root_key(rights::key_read).is_null());
}

TEST_P(KeySecurity, OfAnObjectsKeyIsThatOfTheNearestKeyAboveUntilOneIsStored) {
    const auto web = open("Groups\\" + std::string(web_id));
    EXPECT_EQ(shown(web, dacl), "D:AI(A;CIID;KA;;;BA)(A;CIID;KA;;;SY)(A;CIID;KR;;;AU)");
    ASSERT_EQ(secure(open("Groups"), dacl, bytes("D:P(A;CI;KA;;;BA)")), ERROR_SUCCESS);
    EXPECT_EQ(shown(web, dacl), "D:AI(A;CIID;KA;;;BA)");
    ASSERT_EQ(secure(web, dacl, bytes("D:P(A;CI;KA;;;BA)(A;;KR;;;WD)")), ERROR_SUCCESS);
    EXPECT_EQ(shown(web, dacl), "D:P(A;CI;KA;;;BA)(A;;KR;;;WD)");
    client.caller = reader();
    EXPECT_EQ(opening("Groups", rights::key_read), ERROR_ACCESS_DENIED);
    EXPECT_EQ(opening("Resources", rights::key_read), ERROR_SUCCESS);
}

TEST_P(KeySecurity, ThatDoesNotDecodeLetsNobodyIn) {
    client.store.make("a");
    model::registry_command broken;
    broken.verb = model::registry_verb::set_descriptor;
    broken.path = "a";
    broken.descriptors = {std::make_shared<const std::vector<std::byte>>(3)};
    client.store.change({broken});
    EXPECT_EQ(opening("a", rights::key_read), ERROR_ACCESS_DENIED);
}

} // namespace bridge::clusapi::test
