// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/batch_update.hpp"
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/registry_access.hpp"
#include "bridge/model/registry_names.hpp"
#include "bridge/win32/upcase.hpp"

#include <map>
#include <utility>

/// ApiExecuteBatch: a client's commands as one batch of the store.
namespace bridge::clusapi {

namespace {

using model::registry_verb;
namespace rights = win32::rights;

/// Keys that the commands so far make and delete, put over what there is.
class pending_keys {
public:
    void made(const std::string& path) { keys_[win32::fold(path)] = true; }
    void deleted(const std::string& path) {
        const std::string folded = win32::fold(path);
        std::erase_if(keys_, [&](const auto& key) { return key.first.starts_with(folded + "\\"); });
        keys_[folded] = false;
    }
    /// Made by a command, and not deleted since.
    [[nodiscard]] bool is_made(const std::string& path) const { return state_of(path) == 1; }
    /// Deleted by a command, itself or with a key above.
    [[nodiscard]] bool is_deleted(const std::string& path) const {
        if (keys_.empty())
            return false;
        std::string at = path;
        for (;;) {
            if (const int state = state_of(at); state >= 0)
                return state == 0;
            const auto end = at.rfind('\\');
            if (end == at.npos)
                return false;
            at.resize(end);
        }
    }

private:
    [[nodiscard]] int state_of(const std::string& path) const {
        const auto found = keys_.find(win32::fold(path));
        return found == keys_.end() ? -1 : found->second ? 1 : 0;
    }

    std::map<std::string, bool> keys_; ///< by folded path
};

/// Turns the client's commands into the store's, one by one, as they would be carried out.
class batch_plan {
public:
    batch_plan(const call& c, const registry_view& view, const merged_key& key)
        : c_(c), view_(view), current_(c.key().id), batch_(new_batch(c, key)) {}

    win32_error add(const batch_command& command);
    model::registry_batch take() { return std::move(batch_); }
    /// The client's number of a command of the store's batch, from 1.
    [[nodiscard]] std::vector<int> numbers() const { return numbers_; }
    void begin(int number) { number_ = number; }
    /// Says of all commands so far that have no number yet which one they are part of.
    void close() { numbers_.resize(batch_.commands.size(), number_); }

private:
    win32_error create_key(const batch_command& command);
    win32_error delete_key(const batch_command& command);
    win32_error set_value(const batch_command& command);
    win32_error delete_value(const batch_command& command);
    win32_error may_write() const;
    win32::result<std::string> target(const batch_command& command) const;
    [[nodiscard]] bool exists(const std::string& path) const;

    const call& c_;
    const registry_view& view_;
    std::optional<std::string> current_; ///< the current key pointer; nullopt: cleared
    model::registry_batch batch_;
    pending_keys pending_;
    std::vector<int> numbers_;
    int number_ = 0;
};

win32_error batch_plan::add(const batch_command& command) {
    switch (command.verb) {
    case batch_verb::create_key:
        return create_key(command);
    case batch_verb::delete_key:
        return delete_key(command);
    case batch_verb::set_value:
        return set_value(command);
    case batch_verb::delete_value:
        return delete_value(command);
    default:
        return win32_error::ERROR_INVALID_PARAMETER;
    }
}

/// The key that a command names, relative to the current key or, while that is cleared, to the
/// handle's.
win32::result<std::string> batch_plan::target(const batch_command& command) const {
    auto path = subkey_path(current_.value_or(c_.key().id), command.name);
    if (path && model::check_path(*path) != model::registry_errc::none)
        return win32_error::ERROR_INVALID_PARAMETER;
    return path;
}

bool batch_plan::exists(const std::string& path) const {
    return pending_.is_made(path) || (!pending_.is_deleted(path) && view_.find(path));
}

win32_error batch_plan::create_key(const batch_command& command) {
    auto path = target(command);
    if (!path)
        return path.error();
    if (!exists(*path)) {
        if (const auto code = may_create(view_, c_, *path); code != win32_error::ERROR_SUCCESS)
            return code;
        auto descriptors =
            descriptors_for(view_, c_.server.security, *c_.rpc.caller, *path, nullptr,
                            [this](const std::string& at) { return pending_.is_deleted(at); });
        if (!descriptors)
            return descriptors.error();
        batch_.commands.emplace_back(key_command(registry_verb::create_key, *path)).descriptors =
            std::move(*descriptors);
        for (const auto& level : view_.way_to(*path))
            if (!exists(level.path))
                pending_.made(level.path);
    }
    current_ = std::move(*path);
    return win32_error::ERROR_SUCCESS;
}

win32_error batch_plan::delete_key(const batch_command& command) {
    const auto path = target(command);
    if (!path)
        return path.error();
    if (command.name.empty())
        return win32_error::ERROR_INVALID_PARAMETER;
    current_.reset();
    if (view_.is_projected(*path))
        return win32_error::ERROR_ACCESS_DENIED;
    if (!exists(*path))
        return win32_error::ERROR_SUCCESS; // MS-CMRP 3.1.4.2.112
    if (!pending_.is_made(*path))
        if (const auto code = check_subtree(view_, c_.server.security, *c_.rpc.caller, *path,
                                            rights::delete_object);
            code != win32_error::ERROR_SUCCESS)
            return code;
    batch_.commands.emplace_back(key_command(registry_verb::delete_key, *path)).subtree = true;
    pending_.deleted(*path);
    return win32_error::ERROR_SUCCESS;
}

/// Whether values of the current key may be written.
win32_error batch_plan::may_write() const {
    if (!current_)
        return win32_error::ERROR_INVALID_PARAMETER;
    if (pending_.is_made(*current_))
        return win32_error::ERROR_SUCCESS;
    if (!win32::equal_names(*current_, c_.key().id))
        return check_key(view_, c_.server.security, *c_.rpc.caller, *current_,
                         rights::key_set_value);
    return (c_.key().rights & rights::key_set_value) != 0 ? win32_error::ERROR_SUCCESS
                                                          : win32_error::ERROR_ACCESS_DENIED;
}

win32_error batch_plan::set_value(const batch_command& command) {
    if (const auto code = may_write(); code != win32_error::ERROR_SUCCESS)
        return code;
    if (!accepted_type(command.type))
        return win32_error::ERROR_INVALID_PARAMETER;
    const std::string name = narrow(command.name);
    // All or nothing cannot be had over two homes.
    if (view_.is_projected(*current_, name))
        return win32_error::ERROR_CALL_NOT_IMPLEMENTED;
    if (view_.is_projected(*current_))
        batch_.commands.emplace_back(key_command(registry_verb::create_key, *current_))
            .descriptors = {nullptr};
    auto& set = batch_.commands.emplace_back(key_command(registry_verb::set_value, *current_));
    set.name = name;
    set.type = static_cast<model::registry_type>(command.type);
    set.data = command.data;
    return win32_error::ERROR_SUCCESS;
}

win32_error batch_plan::delete_value(const batch_command& command) {
    if (const auto code = may_write(); code != win32_error::ERROR_SUCCESS)
        return code;
    const std::string name = narrow(command.name);
    if (view_.is_projected(*current_, name))
        return win32_error::ERROR_CALL_NOT_IMPLEMENTED;
    batch_.commands.emplace_back(key_command(registry_verb::delete_value, *current_)).name = name;
    return win32_error::ERROR_SUCCESS;
}

/// What is to be committed, or what went wrong and with which command.
struct batch_result {
    win32_error code = win32_error::ERROR_SUCCESS;
    int failed = 0; ///< the client's number; 0: none of them
    model::registry_batch batch;
    std::vector<int> numbers; ///< of the commands in `batch`
};

batch_result plan_batch(const call& c, const wire::ApiExecuteBatch_in& in) {
    batch_result out;
    const registry_view view = view_of(c);
    const auto key = key_for(view, c, 0);
    const auto commands = parse_batch(in.lpData);
    if (!key || !commands) {
        out.code = key ? win32_error::ERROR_INVALID_PARAMETER : key.error();
        return out;
    }
    batch_plan plan(c, view, *key);
    plan.close();
    for (const batch_command& command : *commands) {
        ++out.failed;
        plan.begin(out.failed);
        out.code = plan.add(command);
        if (out.code != win32_error::ERROR_SUCCESS)
            return out;
        plan.close();
    }
    out.failed = 0;
    out.numbers = plan.numbers();
    out.batch = plan.take();
    return out;
}

/// pdwFailedCommand: from 1; -1 while no command failed, as Windows has it.
reply<wire::ApiExecuteBatch_out> batch_answer(win32_error code, int failed) {
    wire::ApiExecuteBatch_out out;
    out.pdwFailedCommand = failed == 0 ? -1 : failed;
    return {code, std::move(out)};
}

} // namespace

boost::asio::awaitable<reply<wire::ApiExecuteBatch_out>>
execute_batch(call& c, const wire::ApiExecuteBatch_in& in) {
    auto plan = plan_batch(c, in);
    if (plan.code != win32_error::ERROR_SUCCESS)
        co_return batch_answer(plan.code, plan.failed);
    auto committing = c.server.store.commit(std::move(plan.batch));
    const model::registry_outcome outcome = co_await std::move(committing);
    const bool of_command = outcome.code != model::registry_errc::none &&
                            outcome.code < model::registry_errc::not_active &&
                            outcome.failed_command < plan.numbers.size();
    co_return batch_answer(to_win32(outcome.code, registry_call::on_key),
                           of_command ? plan.numbers[outcome.failed_command] : 0);
}

} // namespace bridge::clusapi
