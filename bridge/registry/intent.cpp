// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/intent.hpp"

#include "bridge/model/registry_batch_codec.hpp"
#include "bridge/model/registry_bytes.hpp"

#include <utility>

namespace bridge::registry {

namespace {

constexpr std::uint8_t intent_format = 1;

using model::registry_batch;
using model::registry_command;
using model::registry_errc;
using model::registry_outcome;
using model::registry_verb;

registry_command value_command(registry_verb verb, std::vector<std::byte> data) {
    registry_command c;
    c.verb = verb;
    c.path = intent_key;
    c.name = intent_value;
    c.type = model::registry_type::binary;
    c.data = std::move(data);
    return c;
}

/// The intent that a batch would commit; null: it is another batch.
const registry_command* intent_in(const registry_batch& batch) {
    for (const registry_command& c : batch.commands)
        if (c.verb == registry_verb::set_value && c.path == intent_key && c.name == intent_value)
            return &c;
    return nullptr;
}

bool settles(const registry_batch& batch) {
    return !batch.commands.empty() && batch.commands[0].verb == registry_verb::require_value &&
           batch.commands[0].path == intent_key && batch.commands[0].name == intent_value;
}

registry_outcome refused(registry_errc why) {
    registry_outcome o;
    o.code = why;
    return o;
}

} // namespace

std::vector<std::byte> encode_intent(const intent& what) {
    std::vector<std::byte> out;
    model::byte_writer w(out);
    w.number(intent_format);
    w.text(what.mark);
    w.text(what.expected_mark);
    w.text(what.executor);
    w.text(what.xml);
    w.bytes(model::encode_batch(what.batch));
    return out;
}

std::optional<intent> decode_intent(std::span<const std::byte> bytes) {
    model::byte_reader r(bytes);
    intent what;
    const auto format = r.number<std::uint8_t>();
    what.mark = r.text(max_intent_mark);
    what.expected_mark = r.text(max_intent_mark);
    what.executor = r.text(max_intent_mark);
    what.xml = r.text(max_intent_xml);
    auto batch = model::decode_batch(r.bytes(model::registry_limit::batch_bytes));
    if (!r.good() || format != intent_format || !r.rest().empty() || !batch)
        return std::nullopt;
    what.batch = std::move(*batch);
    return what;
}

const model::registry_value* pending_intent(const model::registry_tree& tree) {
    const model::stored_key* key = tree.find(intent_key);
    return key == nullptr ? nullptr : key->find_value(intent_value);
}

registry_batch intent_batch(const intent& what) {
    registry_batch batch;
    batch.time = what.batch.time;
    batch.caller = what.batch.caller;
    registry_command key;
    key.verb = registry_verb::create_key;
    key.path = intent_key;
    batch.commands.push_back(std::move(key));
    batch.commands.push_back(value_command(registry_verb::set_value, encode_intent(what)));
    return batch;
}

registry_batch settling_batch(const intent& what, bool applied) {
    registry_batch batch;
    batch.time = what.batch.time;
    batch.caller = what.batch.caller;
    batch.commands.push_back(value_command(registry_verb::require_value, encode_intent(what)));
    batch.commands.push_back(value_command(registry_verb::delete_value, {}));
    if (applied)
        batch.commands.insert(batch.commands.end(), what.batch.commands.begin(),
                              what.batch.commands.end());
    return batch;
}

registry_outcome apply_guarded(model::registry_tree& tree, const registry_batch& batch) {
    if (pending_intent(tree) != nullptr)
        return settles(batch) ? tree.apply(batch) : refused(registry_errc::busy);
    const registry_command* made = intent_in(batch);
    if (made == nullptr)
        return tree.apply(batch);
    const auto what = decode_intent(made->data);
    if (!what)
        return refused(registry_errc::invalid);
    // With its two commands more, the batch must still be one, and do what it would do now.
    if (what->batch.commands.size() + 2 > model::registry_limit::batch_commands)
        return refused(registry_errc::too_large);
    registry_outcome rehearsed = tree.rehearse(what->batch);
    if (rehearsed.code != registry_errc::none)
        return rehearsed;
    return tree.apply(batch);
}

} // namespace bridge::registry
