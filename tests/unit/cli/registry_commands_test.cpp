// SPDX-License-Identifier: Apache-2.0
// `clusbridge registry ...` against a control socket with a registry behind it.
#include "bridge/cli/registry_commands.hpp"

#include "bridge/cli/registry.hpp"
#include "bridge/model/registry_text.hpp"
#include "bridge/registry/restore.hpp"
#include "tests/unit/daemon/control_service.hpp"
#include "tests/unit/model/registry_fixture.hpp"

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <fstream>
#include <sstream>

namespace bridge::cli {
namespace {

using namespace tests;
using namespace model::test;
using ports::registry_state;

class RegistryCommands : public testing::Test {
protected:
    RegistryCommands() { service.apply(batch({create("a"), set("a", "v", "1"), create("b\\c")})); }

    /// What was written is in out and err.
    template <class Run>
    exit_code run(Run command) {
        std::istringstream in(input);
        out.str({});
        err.str({});
        questions = 0;
        const console with{in, out, err, [this](const std::string&) {
                               ++questions;
                               return answer;
                           }};
        return command(with);
    }

    exit_code backup(const std::string& file, bool stale = false) {
        return run([&](const console& c) { return registry_backup(daemon, c, file, stale); });
    }
    exit_code diff(const std::string& a, const std::string& b) {
        return run([&](const console& c) { return registry_diff(daemon, c, a, b, false); });
    }
    exit_code restore(const std::string& file, bool yes) {
        return run([&](const console& c) { return registry_restore(daemon, c, file, yes); });
    }
    exit_code dump(const std::string& from, const std::string& to = {}) {
        return run([&](const console& c) { return registry_dump(daemon, c, from, to, false); });
    }
    std::string live_text() {
        return service.with([](stored_registry& r) { return model::dump_text(r.tree()); });
    }
    std::size_t exports() {
        std::size_t found = 0;
        for (const auto& entry : std::filesystem::directory_iterator(service.folder().path()))
            found += entry.path().filename().string().starts_with("export-") ? 1 : 0;
        return found;
    }

    control_service service;
    private_folder folder;
    control_client daemon{service.socket()};
    std::string input;
    std::optional<bool> answer;
    int questions = 0;
    std::ostringstream out, err;
};

TEST_F(RegistryCommands, StatusIsForPeopleOrPrograms) {
    EXPECT_EQ(run([&](const console& c) { return registry_status(daemon, c, false); }), exit_ok);
    EXPECT_NE(out.str().find("State:   active"), std::string::npos);
    EXPECT_NE(out.str().find("node 2: voter, does not take part"), std::string::npos);
    EXPECT_EQ(out.str().find('?'), std::string::npos) << out.str();
    EXPECT_EQ(run([&](const console& c) { return registry_status(daemon, c, true); }), exit_ok);
    EXPECT_EQ(boost::json::parse(out.str()).at("state"), boost::json::value("active"));
}

TEST_F(RegistryCommands, WithoutADaemonTheStatusIsUnavailable) {
    const control_client nobody(folder / "nobody.sock");
    EXPECT_EQ(run([&](const console& c) { return registry_status(nobody, c, false); }),
              exit_unavailable);
    EXPECT_NE(err.str().find("does not run"), std::string::npos);
}

TEST_F(RegistryCommands, BackupIsAFileOfItsOwnThatReadsTheSame) {
    const std::string file = folder / "backup.db";
    ASSERT_EQ(backup(file), exit_ok) << err.str();
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_EQ(exports(), 0U);
    EXPECT_FALSE(std::filesystem::exists(file + ".part"));
    ASSERT_EQ(dump(file), exit_ok);
    EXPECT_EQ(out.str(), live_text());
    ASSERT_EQ(backup(file), exit_ok); // replaces it
    EXPECT_EQ(diff(file, "live"), exit_ok);
}

TEST_F(RegistryCommands, BackupThatCannotBeWrittenSaysSo) {
    EXPECT_EQ(backup(folder / "no/such/folder.db"), exit_cannot_create);
    EXPECT_EQ(backup("/dev/null"), exit_cannot_create);
    EXPECT_EQ(exports(), 0U);
}

TEST_F(RegistryCommands, BackupOfAnInactiveRegistryMustBeAskedFor) {
    service.set_state(registry_state::outside);
    const std::string file = folder / "backup.db";
    EXPECT_EQ(backup(file), exit_no_quorum);
    EXPECT_FALSE(std::filesystem::exists(file));
    EXPECT_EQ(backup(file, true), exit_ok);
    EXPECT_NE(err.str().find("may lack"), std::string::npos);
}

TEST_F(RegistryCommands, DumpIsTheTextOfTheCluster) {
    ASSERT_EQ(dump("live"), exit_ok) << err.str();
    EXPECT_EQ(out.str(), live_text());
    const std::string file = folder / "dump.txt";
    ASSERT_EQ(dump("live", file), exit_ok);
    EXPECT_EQ(diff(file, "live"), exit_ok);
    input = live_text();
    EXPECT_EQ(diff("-", file), exit_ok);
}

TEST_F(RegistryCommands, DiffTellsEqualFromDifferentFromTrouble) {
    const std::string file = folder / "dump.txt";
    ASSERT_EQ(dump("live", file), exit_ok);
    service.apply(batch({set("a", "v", "2")}));
    EXPECT_EQ(diff(file, "live"), exit_error);
    EXPECT_NE(out.str().find("@@ key a @@\n-"), std::string::npos) << out.str();
    EXPECT_GT(diff(folder / "nothing", "live"), exit_error);
    EXPECT_GT(diff("-", "-"), exit_error);
    std::ofstream(file) << "clusbridge registry 1\nkey a\n  nonsense\n";
    EXPECT_EQ(diff(file, "live"), exit_data);
    EXPECT_NE(err.str().find(":3: "), std::string::npos) << err.str();
    EXPECT_GT(diff(folder.path(), "live"), exit_error);
}

TEST_F(RegistryCommands, ADamagedBackupIsNotRead) {
    const std::string file = folder / "backup.db";
    ASSERT_EQ(backup(file), exit_ok);
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    EXPECT_EQ(dump(file), exit_data);
    EXPECT_EQ(restore(file, true), exit_data);
}

TEST_F(RegistryCommands, RestoreShowsAsksAndReplaces) {
    const std::string file = folder / "backup.db";
    ASSERT_EQ(backup(file), exit_ok);
    const std::string before = live_text();
    service.apply(batch({set("a", "v", "2"), create("d")}));
    const std::string changed = live_text();

    EXPECT_EQ(restore(file, false), exit_needs_force); // no terminal
    answer = false;
    EXPECT_EQ(restore(file, false), exit_error);
    EXPECT_EQ(questions, 1);
    EXPECT_NE(out.str().find("-key d\n"), std::string::npos) << out.str();
    EXPECT_EQ(live_text(), changed);

    answer = true;
    EXPECT_EQ(restore(file, false), exit_ok) << err.str();
    EXPECT_EQ(live_text(), before);
    EXPECT_EQ(diff(file, "live"), exit_ok);
}

TEST_F(RegistryCommands, RestoreTakesATextDumpAndKeepsTheIdentity) {
    const std::string identity(registry::identity_key);
    service.apply(batch({create(identity), set(identity, "Id", "this one")}));
    const std::string file = folder / "dump.txt";
    std::ofstream(file) << "clusbridge registry 1\nkey new\n  \"x\" = dword 1\n"
                           "key .clusbridge\\Cluster\n  \"Id\" = binary hex:00\n";
    ASSERT_EQ(restore(file, true), exit_ok) << err.str();
    EXPECT_EQ(questions, 0);
    service.with([&](stored_registry& r) {
        EXPECT_NE(r.tree().find("new"), nullptr);
        EXPECT_EQ(r.tree().find("a"), nullptr);
        EXPECT_EQ(r.tree().find(identity)->find_value("Id")->data, bytes_of("this one"));
        return 0;
    });
    EXPECT_EQ(restore(file, true), exit_ok);
    EXPECT_NE(out.str().find("Nothing differs"), std::string::npos);
}

TEST_F(RegistryCommands, RestoreOfManyChunksWorks) {
    const std::string big(400U << 10, 'x');
    for (int i = 0; i < 6; ++i)
        service.apply(batch({set("a", "big" + std::to_string(i), big)}));
    const std::string file = folder / "backup.db";
    ASSERT_EQ(backup(file), exit_ok);
    const std::string before = live_text();
    service.apply(batch({erase("a")}));
    ASSERT_EQ(restore(file, true), exit_ok) << err.str();
    EXPECT_EQ(live_text(), before);
}

TEST_F(RegistryCommands, RestoreNeedsAnActiveRegistry) {
    const std::string file = folder / "backup.db";
    ASSERT_EQ(backup(file), exit_ok);
    service.set_state(registry_state::outside);
    EXPECT_EQ(restore(file, true), exit_no_quorum);
    EXPECT_EQ(restore("live", true), exit_bad_parameter);
}

TEST_F(RegistryCommands, ConfirmDeadAndForceAskFirst) {
    const auto dead = [&](std::uint32_t node, bool yes) {
        return run([&](const console& c) { return registry_confirm_dead(daemon, c, node, yes); });
    };
    const auto force = [&](bool yes) {
        return run([&](const console& c) { return registry_force(daemon, c, yes); });
    };
    EXPECT_EQ(dead(2, false), exit_needs_force);
    EXPECT_EQ(dead(9, true), exit_no_such_object);
    EXPECT_EQ(dead(1, true), exit_refused);
    EXPECT_EQ(dead(2, true), exit_ok);
    EXPECT_EQ(force(true), exit_refused);
    service.set_state(registry_state::outside);
    EXPECT_EQ(force(false), exit_needs_force);
    EXPECT_NE(err.str().find("ARE LOST"), std::string::npos);
    EXPECT_EQ(force(true), exit_ok);
    EXPECT_NE(err.str().find("ARE LOST"), std::string::npos);
    EXPECT_EQ(service.with([](stored_registry& r) { return r.forced; }), 1);
}

TEST_F(RegistryCommands, TheCommandLineReachesThem) {
    int status = -1;
    CLI::App app;
    add_registry_commands(app, status);
    testing::internal::CaptureStdout();
    app.parse("registry status --json --socket " + service.socket().string());
    EXPECT_NE(testing::internal::GetCapturedStdout().find("\"state\":\"active\""),
              std::string::npos);
    EXPECT_EQ(status, exit_ok);
    for (const char* wrong : {"registry", "registry backup", "registry diff a",
                              "registry confirm-dead x", "registry restore"}) {
        CLI::App other;
        add_registry_commands(other, status);
        EXPECT_THROW(other.parse(wrong), CLI::ParseError) << wrong;
    }
}

} // namespace
} // namespace bridge::cli
