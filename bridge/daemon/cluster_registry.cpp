// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/cluster_registry.hpp"

#include "bridge/daemon/log.hpp"

#include <boost/asio/post.hpp>

#include <sys/random.h>

#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace bridge::daemon {
namespace {

/// Beside a store that replaces a damaged one, until this node has got the state of the others.
constexpr std::string_view lost_mark = ".lost";

std::filesystem::path mark_beside(const std::filesystem::path& store) {
    return store.string() + std::string(lost_mark);
}

registry::random_id random_lineage() {
    registry::random_id id{};
    if (::getrandom(id.data(), id.size(), 0) != static_cast<ssize_t>(id.size()))
        throw std::runtime_error("the kernel gives no random numbers");
    return id;
}

void set_aside(const std::filesystem::path& file, const std::string& why) {
    log(log_level::error, why);
    std::ofstream(mark_beside(file)) << why << '\n';
    const auto moved = registry::set_aside(file);
    if (!moved)
        throw std::runtime_error(moved.error().what);
    log(log_level::error, "the damaged registry store is kept as " + moved->string());
}

std::optional<model::registry_tree> tree_of(std::vector<registry::row_change>& rows) {
    std::vector<model::registry_row> own;
    own.reserve(rows.size());
    for (registry::row_change& row : rows)
        own.push_back({std::move(row.key), std::move(row.value)});
    rows.clear();
    return model::registry_tree::from_rows(own);
}

struct opened_store {
    std::unique_ptr<registry::sqlite_store> store;
    registry::journal_content content;
    model::registry_tree tree;
};

/// nullopt: what is stored is damaged, and was set aside.
std::optional<opened_store> try_open(const registry::store_settings& settings) {
    auto opened = registry::sqlite_store::open(settings);
    if (!opened) {
        if (opened.error().code != registry::open_errc::damaged)
            throw std::runtime_error(opened.error().what);
        set_aside(settings.path, opened.error().what);
        return std::nullopt;
    }
    opened_store result{std::move(opened->store), std::move(opened->content), {}};
    auto tree = tree_of(result.content.rows);
    if (!tree) {
        result.store.reset();
        set_aside(settings.path, settings.path.string() + " holds rows that are no registry");
        return std::nullopt;
    }
    result.tree = std::move(*tree);
    return result;
}

opened_store open_store(const registry::store_settings& settings) {
    if (auto opened = try_open(settings))
        return std::move(*opened);
    if (auto blank = try_open(settings))
        return std::move(*blank);
    throw std::runtime_error(settings.path.string() + ": even a new store is damaged");
}

} // namespace

cluster_registry::cluster_registry(boost::asio::io_context& io, ports::peers& peers,
                                   cluster_registry_settings settings) {
    registry::store_settings where;
    where.path = settings.file;
    where.post = [&io](std::function<void()> f) { boost::asio::post(io, std::move(f)); };
    where.room_changed = [this](bool has_room) {
        if (replica_)
            replica_->room_changed(has_room);
    };
    where.broken = [failed = settings.failed](const std::string& why) { failed(why); };
    opened_store opened = open_store(where);
    store_ = std::move(opened.store);

    registry::replica_settings with;
    with.protocol.unsafe_two_node = settings.unsafe_two_node;
    const auto mark = mark_beside(settings.file);
    if (!std::filesystem::exists(mark))
        with.protocol.seed_lineage = random_lineage();
    with.log = [](std::string_view text) { log(log_level::info, text); };
    with.failed = settings.failed;
    replica_ = std::make_unique<registry::replica>(io, peers, *store_, std::move(opened.content),
                                                   std::move(opened.tree), std::move(with));
    replica_->watch_state([this, mark] {
        std::error_code ignored;
        if (replica_->status().state == ports::registry_state::active)
            std::filesystem::remove(mark, ignored);
    });
}

cluster_registry::~cluster_registry() {
    replica_.reset();
    store_.reset();
}

} // namespace bridge::daemon
