// SPDX-License-Identifier: Apache-2.0
#include "bridge/pacemaker/local_agents.hpp"
#include "bridge/pacemaker/run_program.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using bridge::pacemaker::local_agents;
using bridge::pacemaker::program;
using bridge::pacemaker::run_program;
using bridge::pacemaker::stop_event;
using std::chrono::milliseconds;

TEST(RunProgram, ReturnsWhatWasWritten) {
    EXPECT_EQ(run_program({{"/bin/echo", "two words"}}, stop_event()), "two words\n");
}

TEST(RunProgram, RefusesFailureAndAbsence) {
    EXPECT_FALSE(run_program({{"/bin/false"}}, stop_event()));
    EXPECT_FALSE(run_program({{"/nonexistent"}}, stop_event()));
    EXPECT_FALSE(run_program({{"echo", "relative"}}, stop_event()));
    EXPECT_FALSE(run_program({}, stop_event()));
}

TEST(RunProgram, EndsWhatTakesTooLong) {
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_FALSE(run_program({{"/bin/sleep", "30"}, milliseconds(50)}, stop_event()));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(20));
}

TEST(RunProgram, EndsWhatWritesTooMuch) {
    EXPECT_FALSE(run_program({{"/usr/bin/yes"}, std::chrono::seconds(20), 100000}, stop_event()));
}

TEST(RunProgram, EndsAtOnceWhenStopped) {
    stop_event stop;
    stop.set();
    EXPECT_FALSE(run_program({{"/bin/sleep", "30"}}, stop));
}

TEST(RunProgram, GivesNoDescriptorAndNoVariableOfOurs) {
    ::setenv("CLUSBRIDGE_SECRET", "x", 1);
    const auto variables = run_program({{"/usr/bin/env"}}, stop_event());
    ASSERT_TRUE(variables);
    EXPECT_EQ(variables->find("CLUSBRIDGE_SECRET"), std::string::npos);
    const int open_here = ::open("/dev/null", O_RDONLY); // without O_CLOEXEC
    const auto descriptors = run_program({{"/bin/ls", "/proc/self/fd"}}, stop_event());
    ::close(open_here);
    EXPECT_EQ(descriptors, "0\n1\n2\n3\n"); // 3 is ls reading the directory
}

class LocalAgents : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "clusbridge-XXXXXX").string();
        root = mkdtemp(pattern.data());
        write("ocf/site/Good", "", true);
        write("ocf/site/NotExecutable", "", false);
        write("ocf/site/.ocf-shellfuncs", "", true);
        write("ocf/site/-x", "", true);
        write("units/web.service", "", false);
        write("units/instance@1.service", "", false);
        write("units/web.socket", "", false);
        write("fence/fence_test", "", true);
        write("fence/other", "", true);
        answer("<resource-agent name=\"$2\"/>");
        where.ocf = root / "ocf";
        where.units = {root / "units", root / "missing"};
        where.fence = root / "fence";
        where.crm_resource = root / "crm_resource";
        where.cache = root / "cache";
    }
    void TearDown() override { fs::remove_all(root); }

    void write(const std::string& name, const std::string& text, bool runs) const {
        fs::create_directories((root / name).parent_path());
        std::ofstream(root / name) << text;
        fs::permissions(root / name, runs ? fs::perms::owner_all : fs::perms::owner_read);
    }
    void answer(const std::string& xml) const {
        fs::remove(root / "crm_resource");
        write("crm_resource",
              "#!/bin/sh\necho called >>" + (root / "calls").string() + "\ncat <<E\n" + xml +
                  "\nE\n",
              true);
    }
    std::size_t calls() const {
        std::ifstream in(root / "calls");
        return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
    }

    std::vector<bridge::ports::agent_list> run() const {
        boost::asio::io_context io;
        std::vector<bridge::ports::agent_list> lists;
        local_agents agents(io, where);
        agents.start([&](auto list) { lists.push_back(*list); });
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        const auto complete = [&] { return !lists.empty() && !lists.back()[0].metadata.empty(); };
        while (!complete() && std::chrono::steady_clock::now() < end) {
            io.restart();
            io.run_for(milliseconds(20));
        }
        agents.stop();
        return lists;
    }

    fs::path root;
    local_agents::places where;
};

TEST_F(LocalAgents, FindsAgentsAndGivesTheirNamesFirst) {
    const auto lists = run();
    ASSERT_EQ(lists.size(), 2u);
    ASSERT_EQ(lists[0].size(), 3u);
    EXPECT_EQ(lists[0][0], (bridge::ports::agent{"ocf", "site", "Good", ""}));
    EXPECT_EQ(lists[0][1], (bridge::ports::agent{"stonith", "", "fence_test", ""}));
    EXPECT_EQ(lists[0][2], (bridge::ports::agent{"systemd", "", "web", ""}));
    EXPECT_EQ(lists[1][0].metadata, "<resource-agent name=\"ocf:site:Good\"/>\n");
}

TEST_F(LocalAgents, RemembersMetadataUntilTheAgentChanges) {
    run();
    EXPECT_EQ(calls(), 2u);
    const auto again = run();
    EXPECT_EQ(calls(), 2u);
    EXPECT_FALSE(again.front()[0].metadata.empty());
    fs::last_write_time(root / "ocf/site/Good",
                        fs::file_time_type::clock::now() + std::chrono::hours(1));
    run();
    EXPECT_EQ(calls(), 3u);
}

TEST_F(LocalAgents, StopsWithoutWaitingForASlowAgent) {
    fs::remove(root / "crm_resource");
    write("crm_resource", "#!/bin/sh\nexec sleep 60\n", true);
    boost::asio::io_context io;
    local_agents agents(io, where);
    bool found = false;
    agents.start([&](auto) { found = true; });
    const auto begun = std::chrono::steady_clock::now();
    while (!found && std::chrono::steady_clock::now() - begun < std::chrono::seconds(20)) {
        io.restart();
        io.run_for(milliseconds(20));
    }
    agents.stop();
    EXPECT_TRUE(found);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
}

} // namespace
