// SPDX-License-Identifier: Apache-2.0
#include "bridge/auth/accounts.hpp"
#include "bridge/auth/local_rights.hpp"
#include "bridge/auth/ntlm_crypto.hpp"
#include "tests/unit/auth/bytes.hpp"
#include "tests/unit/auth/temporary_directory.hpp"

#include <gtest/gtest.h>

namespace bridge::auth {
namespace {

using test::temporary_directory;

constexpr auto good = "# accounts\n"
                      "alice:*:a4f49c406510bdcab6824ee7c30fd852:1000:admin\n"
                      "\n"
                      "Bob:EXAMPLE:A4F49C406510BDCAB6824EE7C30FD852::read,unix=root\n"
                      "carol:@EXAMPLE.ORG:-:S-1-5-21-1-2-3-1105:admin,S-1-5-32-551\n";

account_list parsed(std::string_view text) {
    auto list = account_list::parse(text);
    const auto* bad = std::get_if<accounts_error>(&list);
    EXPECT_EQ(bad, nullptr) << (bad != nullptr ? bad->text : "");
    return bad != nullptr ? account_list{} : std::get<account_list>(std::move(list));
}

bool is_refused(std::string_view text) {
    return std::holds_alternative<accounts_error>(account_list::parse(text));
}

TEST(AccountList, FindsUsersWithoutRegardToCase) {
    const account_list list = parsed(good);
    EXPECT_EQ(list.entries().size(), 3U);
    ASSERT_NE(list.find("ALICE", "*"), nullptr);
    ASSERT_NE(list.find("bob", "example"), nullptr);
    EXPECT_EQ(list.find("alice", "EXAMPLE"), nullptr);
    EXPECT_EQ(list.find("bob", "*"), nullptr);
    ASSERT_NE(list.find("carol", "@EXAMPLE.ORG"), nullptr);
    EXPECT_EQ(list.find("carol", "@example.org"), nullptr);
}

TEST(AccountList, KeepsCommentsWhenItIsWritten) {
    account_list list = parsed(good);
    EXPECT_TRUE(list.remove("bob", "EXAMPLE"));
    EXPECT_FALSE(list.remove("bob", "EXAMPLE"));
    EXPECT_EQ(list.text(), "# accounts\n"
                           "alice:*:a4f49c406510bdcab6824ee7c30fd852:1000:admin\n"
                           "\n"
                           "carol:@EXAMPLE.ORG:-:S-1-5-21-1-2-3-1105:admin,S-1-5-32-551\n");
}

TEST(AccountList, GivesNewAccountsTheNextRid) {
    account_list list = parsed(good);
    ASSERT_FALSE(list.put({"dave", "*", ntlm::nt_hash(u"x"), "", {"read"}}));
    ASSERT_NE(list.find("dave", "*"), nullptr);
    EXPECT_EQ(list.find("dave", "*")->sid, "1001");
    ASSERT_FALSE(list.put({"DAVE", "*", ntlm::nt_hash(u"y"), "", {}}));
    EXPECT_EQ(list.find("dave", "*")->sid, "1001");
    EXPECT_EQ(list.entries().size(), 4U);
}

TEST(AccountList, RefusesLinesThatAreNotWellFormed) {
    const std::string hash = "a4f49c406510bdcab6824ee7c30fd852";
    EXPECT_TRUE(is_refused("alice:*:" + hash + ":1000"));
    EXPECT_TRUE(is_refused("alice:*:" + hash + ":1000::"));
    EXPECT_TRUE(is_refused(":*:" + hash + "::"));
    EXPECT_TRUE(is_refused("alice::" + hash + "::"));
    EXPECT_TRUE(is_refused("alice:*:" + hash.substr(1) + "::"));
    EXPECT_TRUE(is_refused("alice:*:g4f49c406510bdcab6824ee7c30fd852::"));
    EXPECT_TRUE(is_refused("alice:*:-::"));
    EXPECT_TRUE(is_refused("alice:*:::"));
    EXPECT_TRUE(is_refused("alice:@REALM:" + hash + "::"));
    EXPECT_TRUE(is_refused("alice:*:" + hash + ":500:"));
    EXPECT_TRUE(is_refused("alice:*:" + hash + ":S-1:"));
    EXPECT_TRUE(is_refused("alice:*:" + hash + "::wheel"));
    EXPECT_TRUE(is_refused("alice:*:" + hash + "::admin,"));
    EXPECT_TRUE(is_refused("al\tice:*:" + hash + "::"));
    EXPECT_TRUE(is_refused("alice:*:" + hash + "::\nALICE:*:" + hash + "::\n"));
    EXPECT_TRUE(is_refused(std::string(5000, 'a')));
}

TEST(AccountList, RefusesEntriesThatWouldBreakTheFile) {
    account_list list;
    EXPECT_TRUE(list.put({"a:b", "*", key16{}, "", {}}));
    EXPECT_TRUE(list.put({"a\nb", "*", key16{}, "", {}}));
    EXPECT_TRUE(list.put({"a", "*", key16{}, "", {"unix=a,admin"}}));
    EXPECT_TRUE(list.put({"#a", "*", key16{}, "", {}}));
    EXPECT_TRUE(list.entries().empty());
}

TEST(AccountsFile, IsReadWithMode0600) {
    const temporary_directory directory;
    EXPECT_TRUE(
        std::holds_alternative<account_list>(read_accounts(directory.write("a", good, 0600))));
    EXPECT_TRUE(
        std::holds_alternative<account_list>(read_accounts(directory.write("b", good, 0400))));
}

TEST(AccountsFile, IsRefusedWithAnyOtherMode) {
    const temporary_directory directory;
    for (const mode_t mode : {0640, 0604, 0620, 0602, 0700, 0644, 0666, 04600})
        EXPECT_TRUE(
            std::holds_alternative<accounts_error>(read_accounts(directory.write("a", good, mode))))
            << std::oct << mode;
}

TEST(AccountsFile, IsRefusedWhenItIsNotAFile) {
    const temporary_directory directory;
    const auto target = directory.write("a", good);
    std::filesystem::create_symlink(target, directory.file("link"));
    EXPECT_TRUE(std::holds_alternative<accounts_error>(read_accounts(directory.file("link"))));
    EXPECT_TRUE(std::holds_alternative<accounts_error>(read_accounts(directory.file("none"))));
    ASSERT_EQ(mkfifo(directory.file("pipe").c_str(), 0600), 0);
    EXPECT_TRUE(std::holds_alternative<accounts_error>(read_accounts(directory.file("pipe"))));
}

TEST(AccountsFile, IsMadeAndChangedInPlace) {
    const temporary_directory directory;
    const auto path = directory.file("accounts");
    const auto add = [](account_list& list) {
        return list.put({"alice", "*", ntlm::nt_hash(u"Password"), "", {"admin"}});
    };
    ASSERT_FALSE(edit_accounts(path, add));
    struct stat facts {};
    ASSERT_EQ(stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0600U);
    const auto again = read_accounts(path);
    ASSERT_TRUE(std::holds_alternative<account_list>(again));
    EXPECT_EQ(std::get<account_list>(again).text(),
              "alice:*:a4f49c406510bdcab6824ee7c30fd852:1000:admin\n");
    EXPECT_TRUE(edit_accounts(path, [](account_list& list) {
        list.remove("alice", "*");
        return std::optional(accounts_error{"changed my mind"});
    }));
    EXPECT_EQ(std::get<account_list>(read_accounts(path)).entries().size(), 1U);
    std::size_t files = 0;
    for (const auto& each : std::filesystem::directory_iterator(path.parent_path()))
        files += each.is_regular_file() ? 1 : 0;
    EXPECT_EQ(files, 1U);
}

TEST(AccountsFile, WithWrongModeIsNotChanged) {
    const temporary_directory directory;
    const auto path = directory.write("accounts", good, 0644);
    EXPECT_TRUE(edit_accounts(path, [](account_list&) { return std::optional<accounts_error>(); }));
    EXPECT_TRUE(std::holds_alternative<accounts_error>(read_accounts(path)));
}

TEST(LocalRights, SidsComeFromTheMachineAndTheGroups) {
    const local_rights rights{*win32::parse_sid("S-1-5-21-1-2-3"), {}, {}};
    const account_entry entry{"a", "*", key16{}, "1007", {"admin", "read", "backup", "admin"}};
    const auto sids = sids_of(entry, rights);
    ASSERT_EQ(sids.size(), 4U);
    EXPECT_EQ(to_string(sids[0]), "S-1-5-21-1-2-3-1007");
    EXPECT_EQ(to_string(sids[1]), "S-1-5-32-544");
    EXPECT_EQ(to_string(sids[2]), "S-1-5-32-545");
    EXPECT_EQ(to_string(sids[3]), "S-1-5-32-551");
}

TEST(LocalRights, MembersOfAnAdminUnixGroupAreAdministrators) {
    const account_entry entry{"a", "*", key16{}, "", {"unix=root"}};
    EXPECT_TRUE(sids_of(entry, {{}, {}, {}}).empty());
    EXPECT_TRUE(sids_of(entry, {{}, {"no-such-group"}, {}}).empty());
    const auto sids = sids_of(entry, {{}, {"root"}, {}});
    ASSERT_EQ(sids.size(), 1U);
    EXPECT_EQ(to_string(sids[0]), "S-1-5-32-544");
    EXPECT_TRUE(sids_of({"root", "*", key16{}, "", {}}, {{}, {"root"}, {}}).empty())
        << "a login that is not mapped by hand has no Unix groups";
}

TEST(LocalRights, MachineSidIsStable) {
    const win32::sid sid = derive_machine_sid("cluster");
    EXPECT_EQ(sid, derive_machine_sid("cluster"));
    EXPECT_NE(sid, derive_machine_sid("cluster2"));
    EXPECT_EQ(sid.sub_authorities.size(), 4U);
    EXPECT_EQ(to_string(sid).substr(0, 9), "S-1-5-21-");
}

TEST(LocalRights, ConfiguredSidsMakeAdministrators) {
    const win32::sid domain_admins = *win32::parse_sid("S-1-5-21-9-9-9-512");
    std::vector<win32::sid> sids{domain_admins};
    complete(sids, {{}, {}, {domain_admins}});
    EXPECT_EQ(sids[1], builtin_administrators());
    std::vector<win32::sid> others{*win32::parse_sid("S-1-5-21-9-9-9-513")};
    complete(others, {{}, {}, {domain_admins}});
    EXPECT_EQ(others.size(), 4U);
}

} // namespace
} // namespace bridge::auth
