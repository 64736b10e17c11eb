// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/registry_names.hpp"
#include "bridge/model/registry_rows.hpp"
#include "bridge/win32/upcase.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace bridge::model {

/// One batch on its way into the tree: carried out step by step, each step with what takes it back.
class registry_transaction {
public:
    registry_transaction(registry_tree& tree, const registry_batch& batch, registry_outcome& out)
        : tree_(tree), batch_(batch), out_(out) {}

    registry_errc carry_out(const registry_command& command);
    void roll_back();
    void finish();

private:
    enum class step_kind : std::uint8_t { key_added, key_removed, value_changed, descriptor_set };

    struct step {
        step_kind kind{};
        stored_key* key = nullptr; ///< key_removed: the parent
        std::unique_ptr<stored_key> removed;
        registry_tree::value_ptr value; ///< that was there; null: none
        std::string folded;
        descriptor_bytes descriptor;
    };

    registry_errc create_key(const registry_command& command);
    registry_errc delete_key(const registry_command& command);
    registry_errc set_value(const registry_command& command);
    registry_errc delete_value(const registry_command& command);
    registry_errc set_descriptor(const registry_command& command);
    [[nodiscard]] registry_errc require(const registry_command& command) const;

    stored_key* find(std::string_view path) const {
        // The tree is ours to change: find() is const for everybody else.
        return const_cast<stored_key*>(tree_.find(path));
    }
    void remove_subtree(stored_key& top);
    void remove(stored_key& leaf);
    void put_descriptor(stored_key& key, const descriptor_bytes& descriptor);
    void touch(stored_key& key) { touched_.insert(&key); }
    registry_change& tell(registry_change_kind kind, const stored_key& key);
    [[nodiscard]] bool told_too_much() const { return told_ > registry_limit::change_bytes; }
    void row_of(const stored_key& key, bool gone);
    void row_of(const stored_key& key, const std::string& folded);

    registry_tree& tree_;
    const registry_batch& batch_;
    registry_outcome& out_;
    std::vector<step> steps_;
    std::set<stored_key*> touched_; ///< values or direct subkeys changed
    std::set<stored_key*> secured_; ///< descriptor changed
    std::set<stored_key*> made_;
    std::vector<std::pair<stored_key*, std::string>> values_; ///< changed, by folded name
    std::size_t told_ = 0;
    const std::uint64_t first_id_ = tree_.next_id_;
};

registry_errc registry_transaction::carry_out(const registry_command& command) {
    if (const auto code = check_path(command.path); code != registry_errc::none)
        return code;
    const auto run = [&] {
        switch (command.verb) {
        case registry_verb::create_key:
            return create_key(command);
        case registry_verb::delete_key:
            return delete_key(command);
        case registry_verb::set_value:
            return set_value(command);
        case registry_verb::delete_value:
            return delete_value(command);
        case registry_verb::set_descriptor:
            return set_descriptor(command);
        case registry_verb::require_key:
        case registry_verb::require_value:
        case registry_verb::require_absent:
            return require(command);
        }
        return registry_errc::invalid;
    };
    if (const auto code = run(); code != registry_errc::none)
        return code;
    if (told_too_much())
        return registry_errc::too_large;
    return tree_.full() ? registry_errc::tree_full : registry_errc::none;
}

registry_errc registry_transaction::create_key(const registry_command& command) {
    for (const auto& descriptor : command.descriptors)
        if (const auto code = check_descriptor(descriptor); code != registry_errc::none)
            return code;
    const auto parts = components(command.path);
    stored_key* key = tree_.root_.get();
    std::size_t found = 0;
    for (; found < parts.size(); ++found) {
        const stored_key* next = key->find_subkey(parts[found]);
        if (!next)
            break;
        key = const_cast<stored_key*>(next);
    }
    const auto& given = command.descriptors;
    if (found == parts.size()) {
        if (command.replace_descriptor && !given.empty())
            put_descriptor(*key, given.back());
        return registry_errc::none;
    }
    for (; found < parts.size(); ++found) {
        touch(*key);
        std::string name(parts[found]);
        std::string folded = win32::fold(name);
        key = &tree_.add_key(*key, std::move(name), std::move(folded));
        step& made = steps_.emplace_back();
        made.kind = step_kind::key_added;
        made.key = key;
        made_.insert(key);
        touch(*key);
        const std::size_t below = parts.size() - 1 - found;
        if (!given.empty())
            tree_.set_descriptor(*key, given[given.size() - 1 - std::min(below, given.size() - 1)]);
        tell(registry_change_kind::key_created, *key);
        if (told_too_much() || tree_.full())
            break; // carry_out() says which
    }
    out_.created.back() = true;
    return registry_errc::none;
}

registry_errc registry_transaction::delete_key(const registry_command& command) {
    if (command.path.empty())
        return registry_errc::invalid;
    stored_key* key = find(command.path);
    if (!key)
        return command.must_exist ? registry_errc::key_not_found : registry_errc::none;
    if (!command.subtree && key->subkey_count() != 0)
        return registry_errc::has_subkeys;
    touch(*key->parent_);
    remove_subtree(*key);
    return registry_errc::none;
}

void registry_transaction::remove_subtree(stored_key& top) {
    while (!top.subkeys_.empty() && !told_too_much())
        remove_subtree(*top.subkeys_.front()); // at most registry_limit::depth deep
    if (!told_too_much())
        remove(top);
}

void registry_transaction::remove(stored_key& leaf) {
    tell(registry_change_kind::key_deleted, leaf);
    for (const auto& value : leaf.values_)
        values_.emplace_back(&leaf, value->folded);
    stored_key* parent = leaf.parent_;
    step& gone = steps_.emplace_back();
    gone.kind = step_kind::key_removed;
    gone.key = parent;
    touch(leaf);
    gone.removed = tree_.detach(leaf);
}

registry_errc registry_transaction::set_value(const registry_command& command) {
    registry_value value{command.name, command.type, command.data};
    if (const auto code = check_value(value); code != registry_errc::none)
        return code;
    stored_key* key = find(command.path);
    if (!key)
        return registry_errc::key_not_found;
    const registry_value* there = key->find_value(command.name);
    if (there && there->type == value.type && there->data == value.data)
        return registry_errc::none;
    if (there)
        value.name = there->name; // the first spelling stays
    auto stored = std::make_unique<stored_key::stored_value>();
    stored->folded = win32::fold(value.name);
    stored->hash = value_hash(key->place_, value);
    stored->value = std::move(value);
    const auto& now = *stored;
    auto before = tree_.put_value(*key, std::move(stored));
    registry_change& change = tell(registry_change_kind::value_set, *key);
    change.now = now.value;
    change.existed = before != nullptr;
    if (before)
        change.before = before->value;
    touch(*key);
    values_.emplace_back(key, now.folded);
    step& done = steps_.emplace_back();
    done.kind = step_kind::value_changed;
    done.key = key;
    done.folded = now.folded;
    done.value = std::move(before);
    return registry_errc::none;
}

registry_errc registry_transaction::delete_value(const registry_command& command) {
    if (const auto code = check_value_name(command.name); code != registry_errc::none)
        return code;
    stored_key* key = find(command.path);
    if (!key)
        return command.must_exist ? registry_errc::key_not_found : registry_errc::none;
    auto before = tree_.take_value(*key, win32::fold(command.name));
    if (!before)
        return command.must_exist ? registry_errc::value_not_found : registry_errc::none;
    registry_change& change = tell(registry_change_kind::value_deleted, *key);
    change.now.name = before->value.name;
    change.before = before->value;
    change.existed = true;
    touch(*key);
    values_.emplace_back(key, before->folded);
    step& done = steps_.emplace_back();
    done.kind = step_kind::value_changed;
    done.key = key;
    done.folded = before->folded;
    done.value = std::move(before);
    return registry_errc::none;
}

registry_errc registry_transaction::set_descriptor(const registry_command& command) {
    if (command.descriptors.size() != 1)
        return registry_errc::invalid;
    if (const auto code = check_descriptor(command.descriptors.front());
        code != registry_errc::none)
        return code;
    stored_key* key = find(command.path);
    if (!key)
        return registry_errc::key_not_found;
    put_descriptor(*key, command.descriptors.front());
    return registry_errc::none;
}

void registry_transaction::put_descriptor(stored_key& key, const descriptor_bytes& descriptor) {
    const auto& now = key.descriptor();
    if (now == descriptor || (now && descriptor && *now == *descriptor))
        return;
    step& done = steps_.emplace_back();
    done.kind = step_kind::descriptor_set;
    done.key = &key;
    done.descriptor = tree_.set_descriptor(key, descriptor);
    secured_.insert(&key);
    tell(registry_change_kind::descriptor_set, key);
}

registry_errc registry_transaction::require(const registry_command& command) const {
    const stored_key* key = tree_.find(command.path);
    const registry_value* value = key ? key->find_value(command.name) : nullptr;
    const auto holds = [&] {
        if (command.verb == registry_verb::require_key)
            return key != nullptr;
        if (command.verb == registry_verb::require_absent)
            return value == nullptr;
        return value && value->type == command.type && value->data == command.data;
    };
    return holds() ? registry_errc::none : registry_errc::guard_failed;
}

registry_change& registry_transaction::tell(registry_change_kind kind, const stored_key& key) {
    registry_change& change = out_.changes.emplace_back();
    change.kind = kind;
    change.path = key.path();
    change.command = out_.created.size() - 1;
    told_ += change.path.size();
    return change;
}

void registry_transaction::roll_back() {
    tree_.next_id_ = first_id_;
    for (auto at = steps_.rbegin(); at != steps_.rend(); ++at) {
        switch (at->kind) {
        case step_kind::key_added:
            tree_.detach(*at->key);
            break;
        case step_kind::key_removed:
            tree_.attach(*at->key, std::move(at->removed));
            break;
        case step_kind::value_changed:
            if (at->value)
                tree_.put_value(*at->key, std::move(at->value));
            else
                tree_.take_value(*at->key, at->folded);
            break;
        case step_kind::descriptor_set:
            tree_.set_descriptor(*at->key, at->descriptor);
            break;
        }
    }
}

/// Times, versions, digest and rows of what changed.
void registry_transaction::finish() {
    const auto is_in_tree = [this](const stored_key* key) {
        return key->parent_ || key == tree_.root_.get();
    };
    std::set<stored_key*> changed = touched_;
    changed.insert(secured_.begin(), secured_.end());
    for (stored_key* key : changed) {
        const bool here = is_in_tree(key);
        if (here && made_.contains(key)) {
            key->last_write_ = batch_.time;
        } else if (here) {
            if (touched_.contains(key))
                key->last_write_ = std::max(key->last_write_, batch_.time);
            ++key->version_;
        }
        if (here)
            tree_.rehash(*key);
        row_of(*key, !here);
    }
    for (const auto& [key, folded] : values_)
        row_of(*key, folded);
    if (tree_.next_id_ != first_id_)
        tree_.changed_rows_[registry_rows::next_row()] =
            registry_rows::next_content(tree_.next_id_);
}

void registry_transaction::row_of(const stored_key& key, bool gone) {
    auto& row = tree_.changed_rows_[registry_rows::key_row(key.id())];
    row = gone ? std::nullopt : std::optional(registry_rows::key_content(key));
}

void registry_transaction::row_of(const stored_key& key, const std::string& folded) {
    const bool here = key.parent_ || &key == tree_.root_.get();
    const registry_value* value = here ? key.find_value(folded) : nullptr;
    auto& row = tree_.changed_rows_[registry_rows::value_row(key.id(), folded)];
    row = value ? std::optional(registry_rows::value_content(*value)) : std::nullopt;
}

namespace {

bool small(const registry_batch& batch) {
    return batch.commands.size() <= registry_limit::batch_commands;
}

registry_outcome too_large() {
    registry_outcome out;
    out.code = registry_errc::too_large;
    return out;
}

} // namespace

registry_outcome registry_tree::apply(const registry_batch& batch) {
    return small(batch) ? carry_out(batch, false) : too_large();
}

registry_outcome registry_tree::apply_large(const registry_batch& batch) {
    return carry_out(batch, false);
}

registry_outcome registry_tree::rehearse(const registry_batch& batch) {
    return small(batch) ? carry_out(batch, true) : too_large();
}

registry_outcome registry_tree::carry_out(const registry_batch& batch, bool undo) {
    if (batch.caller.size() > registry_limit::caller_bytes)
        return too_large();
    registry_outcome out;
    registry_transaction transaction(*this, batch, out);
    for (std::size_t i = 0; i < batch.commands.size(); ++i) {
        out.created.push_back(false);
        const auto code = transaction.carry_out(batch.commands[i]);
        if (code == registry_errc::none)
            continue;
        transaction.roll_back();
        registry_outcome failed;
        failed.code = code;
        failed.failed_command = i;
        return failed;
    }
    if (undo)
        transaction.roll_back();
    else
        transaction.finish();
    return out;
}

} // namespace bridge::model
