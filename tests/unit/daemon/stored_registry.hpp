// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/daemon/registry_control.hpp"
#include "bridge/model/registry_batch_codec.hpp"
#include "bridge/registry/history.hpp"
#include "bridge/registry/store.hpp"
#include "bridge/registry/tree_state.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bridge::tests {

/// A registry of one node without replication: every batch is committed at once and written to a
/// real store. Its state in status() is what the test says.
class stored_registry final : public ports::registry {
public:
    stored_registry(boost::asio::io_context& io, const std::filesystem::path& file)
        : file_(file), state_(model::registry_tree{}, 0) {
        bridge::registry::store_settings where;
        where.path = file;
        where.reserve_bytes = 4096;
        where.free_bytes = 0;
        where.post = [&io](std::function<void()> f) { boost::asio::post(io, std::move(f)); };
        where.room_changed = [](bool) {};
        where.broken = [](const std::string& why) { throw std::runtime_error(why); };
        auto opened = bridge::registry::sqlite_store::open(where);
        if (!opened)
            throw std::runtime_error(opened.error().what);
        store_ = std::move(opened->store);
        now_.state = ports::registry_state::active;
        now_.members = {{1, true, true, 0}, {2, true, false, 0}};
    }

    [[nodiscard]] const model::registry_tree& tree() const override { return state_.tree(); }

    boost::asio::awaitable<model::registry_errc> readable() override {
        co_return model::registry_errc::none;
    }

    boost::asio::awaitable<model::registry_outcome> commit(model::registry_batch batch) override {
        model::registry_outcome outcome;
        outcome.code = refuse_with;
        if (now_.state != ports::registry_state::active)
            outcome.code = model::registry_errc::not_active;
        if (outcome.code == model::registry_errc::none)
            outcome = apply(batch);
        co_return outcome;
    }

    model::registry_outcome apply(const model::registry_batch& batch) {
        bridge::registry::log_entry entry;
        entry.index = ++index_;
        entry.epoch = {1, 1};
        entry.operation = {1, {}, index_};
        entry.body = std::make_shared<const std::vector<std::byte>>(model::encode_batch(batch));
        hash_ = entry.hash = bridge::registry::extend(hash_, entry);
        state_.apply(entry);
        callers.push_back(batch.caller);
        bridge::registry::journal_write what;
        what.append.push_back(entry);
        store_->write(std::move(what), [](bridge::registry::journal_errc) {});
        return *state_.outcome(entry.operation);
    }

    void watch(handler changed) override { state_.watch(std::move(changed)); }

    [[nodiscard]] ports::registry_status status() const override {
        ports::registry_status s = now_;
        s.last = s.committed = index_;
        s.keys = state_.tree().keys();
        s.values = state_.tree().values();
        s.bytes = state_.tree().bytes();
        s.epoch = "1.1";
        s.digest = to_string(state_.tree().digest());
        return s;
    }
    [[nodiscard]] ports::registry_status& now() { return now_; }

    daemon::registry_operations operations() {
        daemon::registry_operations with;
        with.registry = this;
        with.file = file_;
        with.flush_rows = [this] {
            bridge::registry::journal_write what;
            what.rows = state_.take_rows();
            store_->write(std::move(what), [](bridge::registry::journal_errc) {});
            return state_.rows_index();
        };
        with.backup = [this](std::filesystem::path path, std::uint64_t index,
                             bridge::registry::backup_completion done) {
            store_->backup_to(std::move(path), index, std::move(done));
        };
        with.confirm_dead = [this](std::uint32_t node) { dead.push_back(node); };
        with.force = [this] { ++forced; };
        with.log = [this](std::string_view text) { audit.emplace_back(text); };
        return with;
    }

    model::registry_errc refuse_with = model::registry_errc::none;
    std::vector<std::uint32_t> dead;
    int forced = 0;
    std::vector<std::string> audit, callers;

private:
    std::filesystem::path file_;
    bridge::registry::tree_state state_;
    std::uint64_t index_ = 0;
    bridge::registry::history_hash hash_{};
    ports::registry_status now_;
    std::unique_ptr<bridge::registry::sqlite_store> store_;
};

} // namespace bridge::tests
