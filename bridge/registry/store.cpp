// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/store.hpp"

#include "bridge/registry/store_open.hpp"
#include "bridge/registry/store_worker.hpp"

#include "bridge/win32/invariant.hpp"

#include <algorithm>
#include <utility>

namespace bridge::registry {

namespace {

/// What belongs to the owner's thread. Functions that were posted find here whether their store is
/// still there.
struct owner_side {
    bool alive = true;
    bool room = true;
    std::uint64_t told = 0;
    std::function<void(bool)> room_changed;
    std::function<void(std::string)> broken;
};

void deliver(owner_side& owner, std::vector<store_worker::finished>& all) {
    for (auto& one : all) {
        if (!owner.alive) // a completion may destroy the store
            return;
        owner.told = std::max(owner.told, one.refusals);
        if (one.done)
            one.done(one.result);
    }
}

store_worker::callbacks callbacks_for(const std::shared_ptr<owner_side>& owner,
                                      std::function<void(std::function<void()>)> post) {
    store_worker::callbacks out;
    out.written = [owner, post](std::vector<store_worker::finished> all) {
        post([owner, all = std::move(all)]() mutable { deliver(*owner, all); });
    };
    out.backed_up = [owner, post](backup_result result, backup_completion done) {
        post([owner, result = std::move(result), done = std::move(done)] {
            if (owner->alive && done)
                done(result);
        });
    };
    out.room = [owner, post](bool room) {
        post([owner, room] {
            if (!owner->alive)
                return;
            owner->room = room;
            if (owner->room_changed)
                owner->room_changed(room);
        });
    };
    out.broken = [owner, post](std::string why) {
        post([owner, why = std::move(why)] {
            if (owner->alive && owner->broken)
                owner->broken(why);
        });
    };
    return out;
}

} // namespace

struct sqlite_store::impl {
    std::shared_ptr<owner_side> owner;
    file_descriptor lock; ///< given up last
    std::unique_ptr<store_worker> worker;
};

void throw_exception_from_error(const open_error& error, const boost::source_location& where) {
    win32::invariant_failed(error.what.c_str(), where.file_name(), static_cast<int>(where.line()));
}

sqlite_store::open_result sqlite_store::open(store_settings settings) {
    settings.path = std::filesystem::absolute(settings.path);
    auto file = open_store_file(settings.path, settings.vfs);
    if (!file)
        return file.error();
    if (!settings.free_space)
        settings.free_space = [folder = settings.path.parent_path()] { return free_space(folder); };
    store_room room(settings.path, {settings.reserve_bytes, settings.free_bytes},
                    settings.free_space);
    auto made = std::make_unique<impl>();
    made->owner = std::make_shared<owner_side>();
    made->owner->room = room.look();
    made->owner->room_changed = std::move(settings.room_changed);
    made->owner->broken = std::move(settings.broken);
    made->lock = std::move(file->lock);
    journal_content content{file->content.meta.state, std::move(file->content.rows)};
    made->worker = std::make_unique<store_worker>(
        std::move(file->db), std::move(file->content.meta), std::move(room),
        store_worker::settings{settings.vfs, settings.checkpoint_pages, settings.room_interval,
                               made->owner->room},
        callbacks_for(made->owner, std::move(settings.post)));
    return opened{std::unique_ptr<sqlite_store>(new sqlite_store(std::move(made))),
                  std::move(content)};
}

sqlite_store::sqlite_store(std::unique_ptr<impl> made) : impl_(std::move(made)) {}

sqlite_store::~sqlite_store() {
    impl_->owner->alive = false;
    impl_->worker.reset();
}

void sqlite_store::write(journal_write what, completion done) {
    impl_->worker->add(
        store_worker::write_job{std::move(what), std::move(done), impl_->owner->told});
}

bool sqlite_store::has_room() const {
    return impl_->owner->room;
}

void sqlite_store::backup_to(std::filesystem::path path, std::uint64_t index,
                             backup_completion done) {
    impl_->worker->add(store_worker::backup_job{std::move(path), index, std::move(done)});
}

} // namespace bridge::registry
