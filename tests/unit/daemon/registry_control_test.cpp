// SPDX-License-Identifier: Apache-2.0
// The registry's commands as a client of the control socket sees them.
#include "bridge/registry/restore.hpp"
#include "tests/unit/daemon/control_question.hpp"
#include "tests/unit/daemon/control_service.hpp"
#include "tests/unit/model/registry_fixture.hpp"

#include <boost/algorithm/hex.hpp>
#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace bridge::tests;
using namespace bridge::model::test;
using bridge::model::registry_errc;
using bridge::ports::registry_state;

class RegistryControl : public testing::Test {
protected:
    json::object ask(std::string_view command, json::object arguments = {}) {
        return ask_control(service.socket(), command, std::move(arguments));
    }

    std::string backup_code(const std::string& path) {
        return error_code(ask("registry.backup", {{"path", path}}));
    }

    json::object commit(const bridge::model::registry_batch& batch) {
        std::string text;
        const auto bytes = bridge::model::encode_batch(batch);
        const auto* first = reinterpret_cast<const unsigned char*>(bytes.data());
        boost::algorithm::hex(first, first + bytes.size(), std::back_inserter(text));
        return ask("registry.commit", {{"batch", text}});
    }

    template <class What>
    auto with(What what) {
        return service.with(what);
    }

    control_service service;
};

TEST_F(RegistryControl, StatusSaysWhatThePortSays) {
    service.apply(batch({create("a"), set("a", "v", "1")}));
    service.apply(batch({create("b")}));
    const auto answer = ask("registry.status").at("result").as_object();
    EXPECT_EQ(answer.at("state"), json::value("active"));
    EXPECT_EQ(answer.at("last"), json::value(2));
    EXPECT_EQ(answer.at("lag"), json::value(0));
    EXPECT_EQ(answer.at("keys"), json::value(2));
    EXPECT_EQ(answer.at("values"), json::value(1));
    EXPECT_EQ(answer.at("digest").as_string().size(), 32U);
    EXPECT_EQ(answer.at("file"), json::value((service.folder() / "registry.db").string()));
    ASSERT_EQ(answer.at("members").as_array().size(), 2U);
    EXPECT_EQ(answer.at("members").at(1).at("in_core"), json::value(false));
}

TEST_F(RegistryControl, BackupHoldsEverythingCommittedBefore) {
    for (int i = 0; i < 20; ++i)
        service.apply(batch({create("k" + std::to_string(i))}));
    const std::string path = service.folder() / "backup.db";
    const auto answer = ask("registry.backup", {{"path", path}}).at("result").as_object();
    EXPECT_EQ(answer.at("index"), json::value(21)); // the barrier is one entry more
    EXPECT_EQ(answer.at("stale"), json::value(false));
    const auto content = bridge::registry::read_backup(path);
    ASSERT_TRUE(content);
    EXPECT_EQ(content->state.applied, 21U);
    EXPECT_GE(content->rows.size(), 20U);
    struct stat file {};
    ASSERT_EQ(::stat(path.c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777, 0600U);
    const auto audit = with([](stored_registry& r) { return r.audit; });
    ASSERT_EQ(audit.size(), 1U);
    EXPECT_NE(audit[0].find("uid " + std::to_string(::getuid())), std::string::npos);
}

TEST_F(RegistryControl, BackupGoesToPlainPlacesOnly) {
    const std::string folder = service.folder().path();
    std::filesystem::create_symlink("/dev/null", folder + "/link");
    for (const std::string& path :
         {std::string("relative.db"), folder + "/../x.db", folder + "/", folder + "/no/such.db",
          folder + "/link", folder + "/registry.db", folder + "/registry.db-wal",
          folder + "/./registry.db", std::string(), folder + std::string("/a\0b", 4)})
        EXPECT_EQ(backup_code(path), "bad_argument") << path;
    EXPECT_EQ(error_code(ask("registry.backup", {{"path", 7}})), "bad_argument");
    EXPECT_EQ(error_code(ask("registry.backup")), "bad_argument");
}

TEST_F(RegistryControl, BackupOfWhatMayBeStaleMustBeAskedFor) {
    service.apply(batch({create("a")}));
    service.set_state(registry_state::outside);
    const std::string path = service.folder() / "backup.db";
    EXPECT_EQ(backup_code(path), "not_active");
    EXPECT_FALSE(std::filesystem::exists(path));
    const auto answer = ask("registry.backup", {{"path", path}, {"stale", true}});
    EXPECT_EQ(answer.at("result").at("stale"), json::value(true));
    EXPECT_EQ(answer.at("result").at("index"), json::value(1));
    EXPECT_TRUE(bridge::registry::read_backup(path));
}

TEST_F(RegistryControl, BackupsOneAfterTheOtherAreEachUpToDate) {
    for (std::uint64_t i = 1; i <= 5; ++i) {
        service.apply(batch({create("k" + std::to_string(i))}));
        const std::string path = service.folder() / "backup.db";
        const auto answer = ask("registry.backup", {{"path", path}});
        ASSERT_EQ(error_code(answer), "");
        EXPECT_EQ(answer.at("result").at("index"), json::value(2 * i));
        EXPECT_EQ(bridge::registry::read_backup(path)->state.applied, 2 * i);
    }
}

TEST_F(RegistryControl, OnlyAMemberThatIsLostCanBeConfirmedDead) {
    EXPECT_EQ(error_code(ask("registry.confirm_dead", {{"node", 1}})), "refused");
    EXPECT_EQ(error_code(ask("registry.confirm_dead", {{"node", 3}})), "not_found");
    EXPECT_EQ(error_code(ask("registry.confirm_dead", {{"node", "two"}})), "bad_argument");
    EXPECT_EQ(error_code(ask("registry.confirm_dead", {{"node", -2}})), "bad_argument");
    EXPECT_EQ(error_code(ask("registry.confirm_dead")), "bad_argument");
    EXPECT_EQ(error_code(ask("registry.confirm_dead", {{"node", 2}})), "");
    EXPECT_EQ(with([](stored_registry& r) { return r.dead; }), std::vector<std::uint32_t>{2});
    EXPECT_EQ(with([](stored_registry& r) { return r.audit.size(); }), 1U);
}

TEST_F(RegistryControl, ForceIsRefusedWhileTheRegistryWorks) {
    EXPECT_EQ(error_code(ask("registry.force", {{"yes", true}})), "refused");
    service.set_state(registry_state::failed);
    EXPECT_EQ(error_code(ask("registry.force", {{"yes", true}})), "refused");
    service.set_state(registry_state::outside);
    EXPECT_EQ(error_code(ask("registry.force")), "bad_argument");
    EXPECT_EQ(with([](stored_registry& r) { return r.forced; }), 0);
    EXPECT_EQ(error_code(ask("registry.force", {{"yes", true}})), "");
    EXPECT_EQ(with([](stored_registry& r) { return r.forced; }), 1);
}

TEST_F(RegistryControl, CommitTakesBatchesOfARestoreAndNoOthers) {
    EXPECT_EQ(error_code(commit(batch({create("a")}))), "bad_argument");
    EXPECT_EQ(error_code(ask("registry.commit", {{"batch", "xy"}})), "bad_argument");
    EXPECT_EQ(error_code(ask("registry.commit", {{"batch", "0"}})), "bad_argument");
    EXPECT_EQ(error_code(ask("registry.commit", {{"batch", 1}})), "bad_argument");
    EXPECT_EQ(error_code(ask("registry.commit")), "bad_argument");
    bridge::model::registry_tree wanted;
    wanted.apply(batch({create("wanted")}));
    service.apply(batch({create("unwanted")}));
    json::object last;
    for (const auto& each : bridge::registry::restore_batches(wanted, "r"))
        ASSERT_EQ(error_code(last = commit(each)), "");
    EXPECT_GE(last.at("result").at("changes").as_int64(), 2);
    with([](stored_registry& r) {
        EXPECT_NE(r.tree().find("wanted"), nullptr);
        EXPECT_EQ(r.tree().find("unwanted"), nullptr);
        EXPECT_GT(r.tree().find("wanted")->last_write(), 100U); // the daemon's time
        EXPECT_NE(r.callers.back().find("uid "), std::string::npos);
        return r.audit.size();
    });
}

TEST_F(RegistryControl, CommitSaysWhyNot) {
    const auto batches = bridge::registry::restore_batches({}, "r");
    EXPECT_EQ(error_code(commit(batches.back())), "invalid");
    EXPECT_EQ(error_code(commit(batches[1])), "invalid"); // nothing was begun
    const std::pair<registry_errc, const char*> codes[] = {
        {registry_errc::busy, "busy"},           {registry_errc::disk_full, "disk_full"},
        {registry_errc::tree_full, "tree_full"}, {registry_errc::undecided, "undecided"},
        {registry_errc::too_large, "too_large"}, {registry_errc::not_active, "not_active"}};
    for (const auto& [errc, text] : codes) {
        with([refusal = errc](stored_registry& r) { return r.refuse_with = refusal; });
        EXPECT_EQ(error_code(commit(batches[0])), text);
    }
}

} // namespace
