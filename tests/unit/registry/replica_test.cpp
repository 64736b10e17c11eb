// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/replica.hpp"

#include "bridge/registry/lone_group.hpp"
#include "bridge/registry/store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

// The replica with its real store and tree, alone in its group.

namespace {

using namespace bridge;
using namespace bridge::registry;
using model::registry_errc;

model::registry_batch setting(const std::string& path, const std::string& name,
                              const std::string& data) {
    model::registry_command key;
    key.verb = model::registry_verb::create_key;
    key.path = path;
    model::registry_command value = key;
    value.verb = model::registry_verb::set_value;
    value.name = name;
    value.type = model::registry_type::binary;
    for (const char c : data)
        value.data.push_back(static_cast<std::byte>(c));
    model::registry_batch batch;
    batch.commands = {key, value};
    batch.time = 1;
    return batch;
}

/// One life of a daemon's registry.
class life {
public:
    explicit life(const std::filesystem::path& folder) {
        store_settings where;
        where.path = folder / "registry.db";
        where.post = [this](std::function<void()> f) { boost::asio::post(io, std::move(f)); };
        auto opened = sqlite_store::open(where);
        EXPECT_TRUE(opened) << opened.error().what;
        store = std::move(opened->store);
        std::vector<model::registry_row> rows;
        for (auto& row : opened->content.rows)
            rows.push_back({row.key, row.value});
        auto tree = model::registry_tree::from_rows(rows);
        EXPECT_TRUE(tree);
        replica_settings with;
        with.protocol.seed_lineage[0] = std::byte{1};
        with.failed = [this](std::string_view why) { failure = why; };
        replica = std::make_unique<registry::replica>(io, group, *store, std::move(opened->content),
                                                      std::move(*tree), std::move(with));
        group.start();
    }
    ~life() {
        replica.reset();
        store.reset();
    }

    /// Runs until `done` holds; at most some seconds.
    bool until(const std::function<bool()>& done) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!done() && std::chrono::steady_clock::now() < end) {
            io.restart();
            io.run_one_for(std::chrono::milliseconds(100));
        }
        return done();
    }

    bool activate() {
        return until([this] { return replica->status().state == ports::registry_state::active; });
    }

    model::registry_outcome commit(model::registry_batch batch) {
        std::optional<model::registry_outcome> result;
        boost::asio::co_spawn(
            io, replica->commit(std::move(batch)),
            [&](std::exception_ptr, model::registry_outcome o) { result = std::move(o); });
        EXPECT_TRUE(until([&] { return result.has_value(); }));
        return result.value_or(model::registry_outcome{});
    }

    registry_errc readable() {
        std::optional<registry_errc> result;
        boost::asio::co_spawn(io, replica->readable(),
                              [&](std::exception_ptr, registry_errc e) { result = e; });
        EXPECT_TRUE(until([&] { return result.has_value(); }));
        return result.value_or(registry_errc::undecided);
    }

    void stop() {
        bool stopped = false;
        replica->stop([&] { stopped = true; });
        EXPECT_TRUE(until([&] { return stopped; }));
    }

    boost::asio::io_context io;
    lone_group group{io, 1};
    std::unique_ptr<sqlite_store> store;
    std::unique_ptr<registry::replica> replica;
    std::string failure;
};

struct Replica : testing::Test {
    Replica() {
        std::string name = testing::TempDir() + "replicaXXXXXX";
        folder = ::mkdtemp(name.data());
    }
    ~Replica() override { std::filesystem::remove_all(folder); }
    std::filesystem::path folder;
};

bool holds(const model::registry_tree& tree, const std::string& path, const std::string& name) {
    const auto* key = tree.find(path);
    return key != nullptr && key->find_value(name) != nullptr;
}

TEST_F(Replica, BeginsARegistryOfItsOwnWhenItIsAlone) {
    life daemon(folder / "registry");
    ASSERT_TRUE(daemon.activate()) << daemon.replica->status().reason;
    EXPECT_EQ(daemon.readable(), registry_errc::none);
}

TEST_F(Replica, ShowsWhatItCommitted) {
    life daemon(folder / "registry");
    ASSERT_TRUE(daemon.activate());
    int told = 0;
    daemon.replica->watch([&](const auto&, const auto&) { ++told; });
    const auto outcome = daemon.commit(setting("Software\\Here", "Name", "value"));
    EXPECT_EQ(outcome.code, registry_errc::none);
    EXPECT_NE(outcome.index, 0u);
    EXPECT_EQ(told, 1);
    EXPECT_TRUE(holds(daemon.replica->tree(), "Software\\Here", "Name"));
}

TEST_F(Replica, KeepsEverythingOverARestart) {
    {
        life daemon(folder / "registry");
        ASSERT_TRUE(daemon.activate());
        for (int i = 0; i < 20; ++i)
            EXPECT_EQ(daemon.commit(setting("Key", std::to_string(i), "v")).code,
                      registry_errc::none);
        daemon.stop();
    }
    life daemon(folder / "registry");
    ASSERT_TRUE(daemon.activate()) << daemon.replica->status().reason;
    for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(holds(daemon.replica->tree(), "Key", std::to_string(i)));
}

TEST_F(Replica, KeepsWhatWasAcknowledgedWhenItIsCutOff) {
    {
        life daemon(folder / "registry");
        ASSERT_TRUE(daemon.activate());
        EXPECT_EQ(daemon.commit(setting("Key", "Name", "v")).code, registry_errc::none);
    }
    life daemon(folder / "registry");
    ASSERT_TRUE(daemon.activate()) << daemon.replica->status().reason;
    EXPECT_TRUE(holds(daemon.replica->tree(), "Key", "Name"));
}

TEST_F(Replica, RefusesABatchThatIsTooLarge) {
    life daemon(folder / "registry");
    ASSERT_TRUE(daemon.activate());
    auto batch = setting("Key", "Name", "v");
    batch.commands.resize(model::registry_limit::batch_commands + 1, batch.commands.front());
    EXPECT_EQ(daemon.commit(std::move(batch)).code, registry_errc::too_large);
}

TEST_F(Replica, AnswersWhoeverWaitsWhenItStops) {
    life daemon(folder / "registry");
    ASSERT_TRUE(daemon.activate());
    daemon.stop();
    EXPECT_EQ(daemon.commit(setting("Key", "Name", "v")).code, registry_errc::not_active);
}

} // namespace
