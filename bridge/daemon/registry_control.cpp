// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/registry_control.hpp"

#include "bridge/daemon/control_answers.hpp"
#include "bridge/model/registry_batch_codec.hpp"
#include "bridge/registry/restore.hpp"
#include "bridge/win32/filetime.hpp"

#include <boost/algorithm/hex.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace bridge::daemon {

namespace asio = boost::asio;
namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

using model::registry_errc;
using model::registry_outcome;
using operations = std::shared_ptr<const registry_operations>;

const char* name_of(ports::registry_state state) {
    switch (state) {
    case ports::registry_state::failed:
        return "failed";
    case ports::registry_state::outside:
        return "outside";
    case ports::registry_state::learning:
        return "learning";
    case ports::registry_state::active:
        break;
    }
    return "active";
}

void audit(const registry_operations& with, const json::object& request, const std::string& what) {
    if (with.log)
        with.log("registry: " + control_caller(request) + " " + what);
}

bool flag(const json::object& request, std::string_view name) {
    const json::value* value = request.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

json::object status_of(const registry_operations& with) {
    const ports::registry_status s = with.registry->status();
    json::object out;
    out["state"] = name_of(s.state);
    out["reason"] = s.reason;
    out["epoch"] = s.epoch;
    out["last"] = s.last;
    out["committed"] = s.committed;
    out["lag"] = s.last - std::min(s.last, s.committed);
    out["keys"] = s.keys;
    out["values"] = s.values;
    out["bytes"] = s.bytes;
    out["limit_bytes"] = model::registry_limit::tree_bytes;
    out["digest"] = s.digest;
    out["file"] = with.file.string();
    json::array members;
    for (const ports::registry_member& m : s.members) {
        json::object member;
        member["node"] = m.node;
        member["voter"] = m.voter;
        member["in_core"] = m.in_core;
        member["index"] = m.index;
        members.push_back(std::move(member));
    }
    out["members"] = std::move(members);
    return out;
}

asio::awaitable<json::object> status(operations with, json::object) {
    co_return status_of(*with);
}

/// Why no backup may be written there; empty: it may.
std::string backup_objection(const registry_operations& with, const std::string& text) {
    const fs::path path(text);
    if (!path.is_absolute() || path.lexically_normal() != path || !path.has_filename() ||
        text.find('\0') != text.npos)
        return "the path of a backup must be absolute and plain";
    std::error_code error;
    if (!fs::is_directory(path.parent_path(), error))
        return path.parent_path().string() + " is no folder";
    const auto there = fs::symlink_status(path, error);
    if (there.type() != fs::file_type::not_found && there.type() != fs::file_type::regular)
        return text + " is there and is no file";
    if (fs::equivalent(path.parent_path(), with.file.parent_path(), error) &&
        path.filename().string().starts_with(with.file.filename().string()))
        return "the backup would replace the store";
    return {};
}

/// A backup that is being made. The timer never expires: cancelling it wakes who waits.
struct waiting_backup {
    explicit waiting_backup(const asio::any_io_executor& on)
        : wake(on, asio::steady_timer::time_point::max()) {}

    asio::steady_timer wake;
    std::optional<registry::backup_result> result;
};

asio::awaitable<registry::backup_result> make_backup(operations with, fs::path path,
                                                     std::uint64_t index) {
    const auto executor = co_await asio::this_coro::executor;
    const auto waiting = std::make_shared<waiting_backup>(executor);
    with->backup(std::move(path), index, [waiting](registry::backup_result result) {
        waiting->result = std::move(result);
        waiting->wake.cancel();
    });
    if (!waiting->result) {
        auto token = asio::as_tuple(asio::use_awaitable);
        co_await waiting->wake.async_wait(token);
    }
    co_return waiting->result.value_or(
        registry::backup_result{registry::backup_errc::failed, "given up"});
}

/// Completes when everything that was committed anywhere before is in the tree here.
asio::awaitable<registry_errc> barrier(operations with, std::string caller) {
    if (with->registry->status().state != ports::registry_state::active)
        co_return registry_errc::not_active;
    model::registry_batch nothing;
    nothing.caller = std::move(caller);
    nothing.time = win32::to_filetime(std::chrono::system_clock::now()).ticks;
    auto committing = with->registry->commit(std::move(nothing));
    const registry_outcome outcome = co_await std::move(committing);
    // Refused in the log (a write to the CIB is pending) is as good: its place is what counts.
    co_return outcome.index != 0 ? registry_errc::none : outcome.code;
}

asio::awaitable<json::object> backup(operations with, json::object request) {
    const json::value* path = request.if_contains("path");
    if (path == nullptr || !path->is_string())
        co_return control_error("bad_argument", "path is missing");
    const std::string file(std::string_view(path->get_string()));
    if (const auto objection = backup_objection(*with, file); !objection.empty())
        co_return control_error("bad_argument", objection);
    auto asking = barrier(with, "clusbridge registry backup, " + control_caller(request));
    const registry_errc up_to_date = co_await std::move(asking);
    if (up_to_date != registry_errc::none && !flag(request, "stale"))
        co_return registry_refusal(up_to_date);
    // Behind these rows in the store's queue, so the tables stand just there.
    const std::uint64_t index = with->flush_rows();
    auto making = make_backup(with, file, index);
    const registry::backup_result made = co_await std::move(making);
    if (made.code == registry::backup_errc::busy)
        co_return control_error("busy", made.what);
    if (made.code != registry::backup_errc::none)
        co_return control_error("failed", made.what);
    audit(*with, request, "made a backup at entry " + std::to_string(index) + ": " + file);
    json::object out;
    out["path"] = file;
    out["index"] = index;
    out["stale"] = up_to_date != registry_errc::none;
    co_return out;
}

asio::awaitable<json::object> confirm_dead(operations with, json::object request) {
    boost::system::error_code error;
    const json::value* node = request.if_contains("node");
    const auto number = node != nullptr ? node->to_number<std::uint32_t>(error) : 0;
    if (node == nullptr || error)
        co_return control_error("bad_argument", "node must be a node id");
    const ports::registry_status now = with->registry->status();
    const auto member = std::find_if(now.members.begin(), now.members.end(),
                                     [number](const auto& m) { return m.node == number; });
    if (member == now.members.end())
        co_return control_error("not_found", "the registry has no member of that number");
    if (now.state == ports::registry_state::active && member->in_core)
        co_return control_error("refused", "that node is alive and takes part");
    audit(*with, request, "confirmed that node " + std::to_string(number) + " is dead");
    with->confirm_dead(number);
    co_return status_of(*with);
}

asio::awaitable<json::object> force(operations with, json::object request) {
    if (!flag(request, "yes"))
        co_return control_error("bad_argument", "force must be confirmed: \"yes\": true");
    const auto state = with->registry->status().state;
    if (state == ports::registry_state::active)
        co_return control_error("refused", "the registry is active, there is nothing to force");
    if (state == ports::registry_state::failed)
        co_return control_error("refused", "the registry of this node has failed");
    audit(*with, request, "forced a new registry history with what this node holds");
    with->force();
    co_return status_of(*with);
}

std::optional<model::registry_batch> batch_in(const json::object& request) {
    const json::value* text = request.if_contains("batch");
    if (text == nullptr || !text->is_string() ||
        text->get_string().size() > 2 * model::registry_limit::batch_bytes)
        return std::nullopt;
    std::vector<unsigned char> bytes;
    try {
        boost::algorithm::unhex(std::string_view(text->get_string()), std::back_inserter(bytes));
    } catch (const boost::algorithm::hex_decode_error&) {
        return std::nullopt;
    }
    return model::decode_batch(std::as_bytes(std::span(bytes)));
}

asio::awaitable<json::object> commit(operations with, json::object request) {
    auto batch = batch_in(request);
    if (!batch || !registry::belongs_to_restore(*batch))
        co_return control_error("bad_argument", "not a batch of a restore");
    const bool last = registry::completes_restore(*batch);
    batch->caller = "clusbridge registry restore, " + control_caller(request);
    batch->time = win32::to_filetime(std::chrono::system_clock::now()).ticks;
    auto committing = with->registry->commit(std::move(*batch));
    const registry_outcome outcome = co_await std::move(committing);
    if (outcome.code != registry_errc::none)
        co_return registry_refusal(outcome.code);
    if (last)
        audit(*with, request,
              "restored the registry at entry " + std::to_string(outcome.index) + ": " +
                  std::to_string(outcome.changes.size()) + " changes");
    json::object out;
    out["index"] = outcome.index;
    out["changes"] = outcome.changes.size();
    co_return out;
}

} // namespace

void register_registry_commands(control_socket& control, registry_operations with) {
    const auto shared = std::make_shared<const registry_operations>(std::move(with));
    const auto add = [&](const char* name,
                         asio::awaitable<json::object> (*run)(operations, json::object)) {
        control.handle(
            name, [shared, run](json::object request) { return run(shared, std::move(request)); });
    };
    add("registry.status", status);
    add("registry.backup", backup);
    add("registry.confirm_dead", confirm_dead);
    add("registry.force", force);
    add("registry.commit", commit);
}

} // namespace bridge::daemon
