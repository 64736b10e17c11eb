// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/restore.hpp"

#include "bridge/model/registry_bytes.hpp"
#include "bridge/model/registry_text.hpp"
#include "bridge/registry/intent.hpp"

#include <algorithm>
#include <utility>

namespace bridge::registry {

namespace {

constexpr std::uint8_t restore_format = 1;
constexpr std::size_t max_chunks = model::registry_limit::tree_bytes / restore_chunk_bytes + 1;

using model::registry_batch;
using model::registry_command;
using model::registry_errc;
using model::registry_outcome;
using model::registry_tree;
using model::registry_verb;

registry_command command(registry_verb verb, std::string path) {
    registry_command c;
    c.verb = verb;
    c.path = std::move(path);
    return c;
}

registry_command removal(std::string_view path) {
    registry_command c = command(registry_verb::delete_key, std::string(path));
    c.subtree = true;
    return c;
}

registry_command binary(std::string path, std::string name, std::span<const std::byte> data) {
    registry_command c = command(registry_verb::set_value, std::move(path));
    c.name = std::move(name);
    c.type = model::registry_type::binary;
    c.data.assign(data.begin(), data.end());
    return c;
}

registry_outcome refused(registry_errc why) {
    registry_outcome o;
    o.code = why;
    return o;
}

bool good_id(std::string_view id) {
    return !id.empty() && id.size() <= max_restore_id &&
           std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
}

std::string place_of(std::string_view id) {
    return std::string(staged_key) + "\\" + std::string(id);
}

/// The staged tree; nullopt unless it is there, whole, and the one that was ordered.
std::optional<registry_tree> staged(const registry_tree& tree, const restore_order& order) {
    const model::stored_key* key = tree.find(place_of(order.id));
    if (key == nullptr)
        return std::nullopt;
    std::vector<std::byte> saved;
    saved.reserve(order.bytes);
    for (std::uint32_t i = 0; i < order.chunks; ++i) {
        const model::registry_value* chunk = key->find_value(std::to_string(i));
        if (chunk == nullptr || chunk->data.size() > order.bytes - saved.size())
            return std::nullopt;
        saved.insert(saved.end(), chunk->data.begin(), chunk->data.end());
    }
    if (saved.size() != order.bytes)
        return std::nullopt;
    auto loaded = registry_tree::load(saved);
    if (!loaded || loaded->digest() != order.digest)
        return std::nullopt;
    return loaded;
}

/// Commands that make the key with all below it where it was.
void copy(std::vector<registry_command>& out, const model::stored_key& key) {
    registry_command& made = out.emplace_back(command(registry_verb::create_key, key.path()));
    if (key.descriptor())
        made.descriptors.push_back(key.descriptor());
    for (std::size_t i = 0; i < key.value_count(); ++i) {
        const model::registry_value& value = key.value(i);
        out.push_back(binary(key.path(), value.name, value.data));
        out.back().type = value.type;
    }
    for (std::size_t i = 0; i < key.subkey_count(); ++i)
        copy(out, key.subkey(i)); // at most registry_limit::depth deep
}

} // namespace

std::vector<std::byte> encode_restore(const restore_order& what) {
    std::vector<std::byte> out;
    model::byte_writer w(out);
    w.number(restore_format);
    w.text(what.id);
    w.number(what.chunks);
    w.number(what.bytes);
    w.number(what.digest.low);
    w.number(what.digest.high);
    return out;
}

std::optional<restore_order> decode_restore(std::span<const std::byte> bytes) {
    model::byte_reader r(bytes);
    restore_order what;
    const auto format = r.number<std::uint8_t>();
    what.id = r.text(max_restore_id);
    what.chunks = r.number_up_to<std::uint32_t>(max_chunks);
    what.bytes = r.number_up_to<std::uint64_t>(model::registry_limit::tree_bytes);
    what.digest.low = r.number<std::uint64_t>();
    what.digest.high = r.number<std::uint64_t>();
    if (!r.finished() || format != restore_format || !good_id(what.id))
        return std::nullopt;
    return what;
}

std::vector<registry_batch> restore_batches(const registry_tree& tree, std::string_view id) {
    const std::vector<std::byte> saved = tree.save();
    std::vector<registry_batch> out(1);
    out[0].commands.push_back(removal(staged_key));
    out[0].commands.push_back(command(registry_verb::create_key, place_of(id)));
    restore_order order{std::string(id), 0, saved.size(), tree.digest()};
    for (std::span<const std::byte> rest(saved); !rest.empty(); ++order.chunks) {
        const auto chunk = rest.first(std::min(rest.size(), restore_chunk_bytes));
        rest = rest.subspan(chunk.size());
        // Without the key this fails: another restore began since.
        out.emplace_back().commands.push_back(
            binary(place_of(id), std::to_string(order.chunks), chunk));
    }
    out.emplace_back().commands.push_back(
        binary(std::string(restore_key), std::string(restore_value), encode_restore(order)));
    return out;
}

bool completes_restore(const registry_batch& batch) {
    return std::any_of(batch.commands.begin(), batch.commands.end(), [](const registry_command& c) {
        return c.verb == registry_verb::set_value && c.path == restore_key &&
               c.name == restore_value;
    });
}

bool belongs_to_restore(const registry_batch& batch) {
    const auto& commands = batch.commands;
    if (commands.size() == 1 && completes_restore(batch))
        return true;
    const std::string below = place_of({});
    const auto staging = [&below](const registry_command& c, registry_verb verb) {
        return c.verb == verb && c.path.starts_with(below) && good_id(c.path.substr(below.size()));
    };
    if (commands.size() == 1)
        return staging(commands[0], registry_verb::set_value);
    return commands.size() == 2 && commands[0] == removal(staged_key) &&
           staging(commands[1], registry_verb::create_key);
}

std::optional<registry_tree> restored(const registry_tree& running, registry_tree saved) {
    registry_batch batch;
    for (const std::string_view key : {intent_key, staged_key, restore_key})
        batch.commands.push_back(removal(key));
    if (const model::stored_key* identity = running.find(identity_key)) {
        batch.commands.push_back(removal(identity_key));
        copy(batch.commands, *identity);
    }
    if (saved.apply_large(batch).code != registry_errc::none)
        return std::nullopt;
    return saved;
}

registry_outcome apply_restore(registry_tree& tree, const registry_batch& batch) {
    if (pending_intent(tree) != nullptr)
        return refused(registry_errc::busy);
    if (batch.commands.size() != 1 || !completes_restore(batch))
        return refused(registry_errc::invalid);
    const auto order = decode_restore(batch.commands[0].data);
    auto loaded = order ? staged(tree, *order) : std::nullopt;
    if (!loaded)
        return refused(registry_errc::invalid);
    const auto target = restored(tree, std::move(*loaded));
    if (!target)
        return refused(registry_errc::tree_full);
    // Deletions come first, what was staged among them. As that was in the tree beside the rest,
    // no step of it is larger than the tree may be.
    registry_batch all;
    all.commands = model::difference(tree, *target);
    all.time = batch.time;
    all.caller = batch.caller;
    registry_outcome outcome = tree.apply_large(all);
    outcome.failed_command = 0;
    outcome.created.assign(outcome.code == registry_errc::none ? 1 : 0, false);
    for (model::registry_change& change : outcome.changes)
        change.command = 0;
    return outcome;
}

} // namespace bridge::registry
