// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/facts.hpp"
#include "bridge/pacemaker/embedded_cluster.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;
using bridge::model::cib_facts_ptr;
using bridge::pacemaker::embedded_cluster;

constexpr std::chrono::seconds patience{60};

/// One cluster for all tests: Pacemaker's libraries belong to the thread that initialised them.
class EmbeddedCluster : public testing::Test {
protected:
    struct world {
        boost::asio::io_context io;
        fs::path directory;
        std::unique_ptr<embedded_cluster> cluster;
        std::vector<std::pair<cib_facts_ptr, bool>> seen;
        std::vector<std::string> log;

        void run_until(const auto& condition) {
            const auto end = std::chrono::steady_clock::now() + patience;
            io.restart();
            const auto work = boost::asio::make_work_guard(io);
            while (!condition() && std::chrono::steady_clock::now() < end)
                io.run_one_for(std::chrono::seconds(1));
        }
    };

    static void SetUpTestSuite() {
        w = new world;
        std::string pattern = (fs::temp_directory_path() / "clusbridge-XXXXXX").string();
        w->directory = mkdtemp(pattern.data());
        w->cluster = std::make_unique<embedded_cluster>(
            w->io, DEMO_CIB, w->directory / "cib",
            [](std::string_view text) { w->log.emplace_back(text); });
        w->cluster->start(
            [](cib_facts_ptr facts, bool settled) { w->seen.emplace_back(facts, settled); });
        w->run_until([] { return !w->seen.empty(); });
    }

    static void TearDownTestSuite() {
        w->cluster->stop();
        fs::remove_all(w->directory);
        delete w;
    }

    void SetUp() override {
        ASSERT_FALSE(w->seen.empty()) << "no facts came";
        ASSERT_TRUE(w->seen.back().first) << (w->log.empty() ? "" : w->log.back());
    }

    /// Newest operation of a resource on a node, "start=0".
    static std::string last_operation(const char* node, const char* resource) {
        const auto status = w->seen.back().first->status.find(node);
        const auto history = status ? status->histories.find(resource) : nullptr;
        if (!history)
            return {};
        const bridge::model::operation_result* newest = nullptr;
        for (const auto& operation : history->operations)
            if (operation.interval_ms == 0 && (!newest || operation.call_id >= newest->call_id))
                newest = &operation;
        return newest ? newest->operation + "=" + std::to_string(newest->rc) : std::string();
    }

    static world* w;
};

EmbeddedCluster::world* EmbeddedCluster::w = nullptr;

TEST_F(EmbeddedCluster, StartsTheRolesOfTheDemo) {
    EXPECT_TRUE(w->seen.front().second);
    EXPECT_EQ(last_operation("1", "web-server"), "start=0");
    EXPECT_EQ(last_operation("2", "files-smb"), "start=0");
    EXPECT_EQ(last_operation("1", "backup"), "start=1");
}

TEST_F(EmbeddedCluster, LeavesTheGivenFileAlone) {
    EXPECT_TRUE(fs::exists(w->directory / "cib" / "cib.xml"));
    EXPECT_FALSE(fs::exists(std::string(DEMO_CIB) + ".sig"));
    EXPECT_EQ(fs::status(w->directory / "cib").permissions(), fs::perms::owner_all);
}

TEST_F(EmbeddedCluster, ShowsAnEditFirstUnsettledAndThenItsConsequences) {
    const std::size_t before = w->seen.size();
    std::error_code result = std::make_error_code(std::errc::timed_out);
    bool done = false;
    w->cluster->modify(R"(<resources><primitive id="proxy"><meta_attributes id="proxy-meta">
        <nvpair id="proxy-meta-role" name="target-role" value="Stopped"/>
        </meta_attributes></primitive></resources>)",
                       [&](std::error_code error) { result = error, done = true; });
    w->run_until([&] { return done; });
    EXPECT_FALSE(result) << result.message();
    ASSERT_GE(w->seen.size(), before + 2);
    EXPECT_FALSE(w->seen[w->seen.size() - 2].second);
    EXPECT_TRUE(w->seen.back().second);
    EXPECT_EQ(last_operation("2", "proxy"), "stop=0");
}

TEST_F(EmbeddedCluster, RefusesWhatIsNoXml) {
    std::error_code result;
    bool done = false;
    w->cluster->modify("<cib", [&](std::error_code error) { result = error, done = true; });
    w->run_until([&] { return done; });
    EXPECT_TRUE(result);
}

TEST_F(EmbeddedCluster, RefusesWhatTheSchemaForbids) {
    std::error_code result;
    bool done = false;
    w->cluster->modify("<resources><nonsense id=\"x\"/></resources>",
                       [&](std::error_code error) { result = error, done = true; });
    w->run_until([&] { return done; });
    EXPECT_TRUE(result);
}

} // namespace
