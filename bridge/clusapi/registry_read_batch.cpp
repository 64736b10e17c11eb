// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/batch_update.hpp"
#include "bridge/clusapi/handlers.hpp"
#include "bridge/clusapi/registry_access.hpp"
#include "bridge/model/registry_names.hpp"
#include "bridge/win32/upcase.hpp"

#include <utility>

/// ApiExecuteReadBatch: many values of one state of the registry.
namespace bridge::clusapi {

namespace {

namespace rights = win32::rights;

/// Bytes of an answer, so that asking for one large value again and again ends.
constexpr std::size_t max_answer = std::size_t{8} << 20;

/// What the commands read from, and what they may read.
class batch_reader {
public:
    batch_reader(const call& c, const registry_view& view)
        : c_(c), view_(view), path_(c.key().id), at_(view.find(path_)), may_read_(allowed()) {}

    /// The answer to one command; ERROR_INVALID_PARAMETER for one that reads nothing.
    win32::result<batch_command> answer(const batch_command& command) {
        if (command.verb == batch_verb::read_key)
            return move_to(command);
        if (command.verb == batch_verb::read_value)
            return read(command);
        return win32_error::ERROR_INVALID_PARAMETER;
    }

private:
    win32::result<batch_command> move_to(const batch_command& command) {
        auto path = subkey_path(path_, command.name);
        if (!path)
            return path.error();
        // Nothing is below what cannot be a path: it does not grow on.
        if (model::check_path(*path) == model::registry_errc::none && !lost_) {
            path_ = std::move(*path);
            at_ = view_.find(path_);
            may_read_ = allowed();
        } else {
            lost_ = true;
            at_.reset();
        }
        batch_command out;
        out.verb = batch_verb::read_key;
        out.name = command.name;
        return out;
    }

    win32::result<batch_command> read(const batch_command& command) {
        batch_command out;
        out.name = command.name;
        const auto* value = at_ && may_read_ ? at_->find_value(narrow(command.name)) : nullptr;
        if (value) {
            out.verb = batch_verb::read_value;
            out.type = static_cast<std::uint32_t>(value->type);
            out.data = value->data;
            return out;
        }
        out.verb = batch_verb::read_error;
        out.type = win32::to_u32(!at_ || may_read_ ? win32_error::ERROR_FILE_NOT_FOUND
                                                   : win32_error::ERROR_ACCESS_DENIED);
        return out;
    }

    [[nodiscard]] bool allowed() const {
        if (win32::equal_names(path_, c_.key().id))
            return (c_.key().rights & rights::key_query_value) != 0;
        return at_ && check_key(view_, c_.server.security, *c_.rpc.caller, path_,
                                rights::key_query_value) == win32_error::ERROR_SUCCESS;
    }

    const call& c_;
    const registry_view& view_;
    std::string path_;
    std::optional<merged_key> at_;
    bool may_read_;
    bool lost_ = false; ///< the current key is none that could be
};

} // namespace

reply<wire::ApiExecuteReadBatch_out> execute_read_batch(call& c,
                                                        const wire::ApiExecuteReadBatch_in& in) {
    const registry_view view = view_of(c);
    if (const auto key = key_for(view, c, 0); !key)
        return key.error();
    const auto commands = parse_batch(in.lpInData);
    if (!commands)
        return win32_error::ERROR_INVALID_PARAMETER;
    batch_reader reader(c, view);
    std::vector<batch_command> answers;
    std::size_t size = 0;
    for (const batch_command& command : *commands) {
        auto answer = reader.answer(command);
        if (!answer)
            return answer.error();
        size += answer->data.size() + 2 * answer->name.size();
        if (size > max_answer)
            return win32_error::ERROR_NOT_ENOUGH_MEMORY;
        answers.push_back(std::move(*answer));
    }
    wire::ApiExecuteReadBatch_out out;
    out.lpOutData = encode_batch_update(answers);
    out.cbOutData = static_cast<std::uint32_t>(out.lpOutData->size());
    return out;
}

} // namespace bridge::clusapi
