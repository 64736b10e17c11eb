// SPDX-License-Identifier: Apache-2.0
// The whole way: `clusbridge registry ...`, control socket, replica, store; alone in its group.
#include "bridge/cli/registry_commands.hpp"
#include "bridge/daemon/registry_control.hpp"
#include "bridge/model/registry_text.hpp"
#include "bridge/registry/lone_group.hpp"
#include "bridge/registry/replica.hpp"
#include "bridge/registry/store.hpp"
#include "tests/unit/model/registry_fixture.hpp"
#include "tests/unit/registry/store_owner.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <sstream>
#include <thread>

namespace bridge::cli {
namespace {

using namespace tests;
using namespace model::test;

/// A daemon's registry with its control socket, in a thread of its own.
class registry_daemon {
public:
    explicit registry_daemon(const std::filesystem::path& folder) {
        const auto file = folder / "registry.db";
        registry::store_settings where;
        where.path = file;
        where.post = [this](std::function<void()> f) { boost::asio::post(io_, std::move(f)); };
        where.free_bytes = 0;
        auto opened = registry::sqlite_store::open(where);
        if (!opened)
            throw std::runtime_error(opened.error().what);
        store_ = std::move(opened->store);
        std::vector<model::registry_row> rows;
        for (auto& row : opened->content.rows)
            rows.push_back({row.key, row.value});
        registry::replica_settings with;
        with.protocol.seed_lineage[0] = std::byte{1};
        with.failed = [](std::string_view) {};
        replica_.emplace(io_, group_, *store_, std::move(opened->content),
                         *model::registry_tree::from_rows(rows), std::move(with));
        daemon::control_settings settings;
        settings.socket = folder / "control.sock";
        control_.emplace(io_, settings);
        daemon::register_registry_commands(*control_, *replica_, *store_, file);
        control_->open();
        group_.start();
        thread_ = std::thread([this] { io_.run(); });
    }
    ~registry_daemon() {
        boost::asio::post(io_, [this] {
            control_->stop();
            replica_->stop([this] { group_.stop(); });
        });
        thread_.join();
        replica_.reset();
        store_.reset();
    }

    bool activate() {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (std::chrono::steady_clock::now() < end) {
            auto asked = boost::asio::post(io_, std::packaged_task<bool()>([this] {
                                               return replica_->status().state ==
                                                      ports::registry_state::active;
                                           }));
            if (asked.get())
                return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return false;
    }

    model::registry_errc commit(model::registry_batch batch) {
        auto done =
            boost::asio::co_spawn(io_, replica_->commit(std::move(batch)), boost::asio::use_future);
        return done.get().code;
    }

    std::string text() {
        auto asked = boost::asio::post(io_, std::packaged_task<std::string()>([this] {
                                           return model::dump_text(replica_->tree());
                                       }));
        return asked.get();
    }

private:
    boost::asio::io_context io_{1};
    registry::lone_group group_{io_, 1};
    std::unique_ptr<registry::sqlite_store> store_;
    std::optional<registry::replica> replica_;
    std::optional<daemon::control_socket> control_;
    std::thread thread_;
};

class RegistryWholeWay : public testing::Test {
protected:
    template <class Run>
    exit_code run(Run command) {
        std::istringstream in;
        out.str({});
        err.str({});
        const console with{in, out, err, [](const std::string&) { return std::nullopt; }};
        return command(with);
    }
    exit_code backup(const std::string& file) {
        return run([&](const console& c) { return registry_backup(client, c, file, false); });
    }
    exit_code diff(const std::string& a, const std::string& b) {
        return run([&](const console& c) { return registry_diff(client, c, a, b, false); });
    }
    exit_code restore(const std::string& file) {
        return run([&](const console& c) { return registry_restore(client, c, file, true); });
    }

    private_folder folder, elsewhere;
    control_client client{folder / "control.sock"};
    std::ostringstream out, err;
};

TEST_F(RegistryWholeWay, BackupAndRestoreLastOverARestart) {
    const std::string file = elsewhere / "backup.db";
    std::string before;
    {
        registry_daemon first(folder.path());
        ASSERT_TRUE(first.activate());
        for (int i = 0; i < 40; ++i) {
            const std::string key = "Resources\\" + std::to_string(i);
            ASSERT_EQ(first.commit(batch({create(key), set(key, "v", std::string(30'000, 'x'))})),
                      model::registry_errc::none);
        }
        before = first.text();
        ASSERT_EQ(backup(file), exit_ok) << err.str();
        EXPECT_EQ(diff(file, "live"), exit_ok) << out.str();
        ASSERT_EQ(first.commit(batch({erase("Resources", true), create("Groups")})),
                  model::registry_errc::none);
        EXPECT_EQ(diff(file, "live"), exit_error);
        ASSERT_EQ(restore(file), exit_ok) << err.str();
        EXPECT_EQ(first.text(), before);
        EXPECT_EQ(diff(file, "live"), exit_ok) << out.str();
    }
    registry_daemon second(folder.path());
    ASSERT_TRUE(second.activate());
    EXPECT_EQ(second.text(), before);
    EXPECT_EQ(run([&](const console& c) { return registry_status(client, c, false); }), exit_ok);
    EXPECT_NE(out.str().find("node 1: voter, takes part"), std::string::npos) << out.str();
}

TEST_F(RegistryWholeWay, BackupsWhileOthersWriteAreWhole) {
    registry_daemon daemon(folder.path());
    ASSERT_TRUE(daemon.activate());
    ASSERT_EQ(daemon.commit(batch({create("a")})), model::registry_errc::none);
    std::atomic<bool> enough = false;
    std::thread writer([&] {
        // Both values of a batch are in a backup, or none of them.
        for (int i = 0; !enough; ++i) {
            const std::string n = std::to_string(i);
            EXPECT_EQ(daemon.commit(batch({set("a", "x", n), set("a", "y", n)})),
                      model::registry_errc::none);
        }
    });
    const std::string file = elsewhere / "backup.db";
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(backup(file), exit_ok) << err.str();
        EXPECT_EQ(run([&](const console& c) { return registry_dump(client, c, file, {}, false); }),
                  exit_ok);
        const std::string text = out.str();
        const auto value = [&text](const char* name) {
            const auto at = text.find(name);
            return at == text.npos ? std::string() : text.substr(at, text.find('\n', at) - at);
        };
        const std::string x = value("\"x\" = "), y = value("\"y\" = ");
        EXPECT_EQ(x.substr(std::min<std::size_t>(4, x.size())),
                  y.substr(std::min<std::size_t>(4, y.size())));
    }
    enough = true;
    writer.join();
}

} // namespace
} // namespace bridge::cli
