// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/registry_tree.hpp"

#include "bridge/model/registry_names.hpp"
#include "bridge/win32/upcase.hpp"

#include <algorithm>
#include <utility>

namespace bridge::model {

namespace {

/// Where the entry with that folded name is, or would be.
template <class Sorted, class NameOf>
auto place_in(Sorted& sorted, std::string_view folded, NameOf name_of) {
    return std::lower_bound(
        sorted.begin(), sorted.end(), folded,
        [name_of](const auto& entry, std::string_view name) { return name_of(*entry) < name; });
}

bool same_bytes(const descriptor_bytes& left, const descriptor_bytes& right) {
    return left == right || (left && right && *left == *right);
}

} // namespace

registry_digest& registry_digest::operator+=(const registry_digest& other) {
    low += other.low;
    high += other.high + (low < other.low ? 1 : 0);
    return *this;
}

registry_digest& registry_digest::operator-=(const registry_digest& other) {
    high -= other.high + (low < other.low ? 1 : 0);
    low -= other.low;
    return *this;
}

std::string to_string(const registry_digest& digest) {
    std::string out;
    for (const std::uint64_t half : {digest.high, digest.low})
        for (int shift = 60; shift >= 0; shift -= 4)
            out += "0123456789abcdef"[half >> shift & 0xF];
    return out;
}

bool registry_command::operator==(const registry_command& other) const {
    return verb == other.verb && path == other.path && name == other.name && type == other.type &&
           data == other.data && subtree == other.subtree && must_exist == other.must_exist &&
           replace_descriptor == other.replace_descriptor &&
           std::equal(descriptors.begin(), descriptors.end(), other.descriptors.begin(),
                      other.descriptors.end(), same_bytes);
}

// ---- a key

std::string stored_key::path() const {
    std::vector<const stored_key*> trail;
    std::size_t size = 0;
    for (const stored_key* key = this; key->parent_; key = key->parent_) {
        trail.push_back(key);
        size += key->name_.size() + 1;
    }
    std::string out;
    out.reserve(size);
    for (auto key = trail.rbegin(); key != trail.rend(); ++key) {
        if (!out.empty())
            out += '\\';
        out += (*key)->name_;
    }
    return out;
}

std::optional<std::size_t> stored_key::subkey_index(std::string_view name) const {
    const std::string folded = win32::fold(name);
    const auto at = place_in(subkeys_, folded, name_of_key);
    if (at == subkeys_.end() || (*at)->folded_ != folded)
        return std::nullopt;
    return static_cast<std::size_t>(at - subkeys_.begin());
}

std::optional<std::size_t> stored_key::value_index(std::string_view name) const {
    const std::string folded = win32::fold(name);
    const auto at = place_in(values_, folded, name_of_value);
    if (at == values_.end() || (*at)->folded != folded)
        return std::nullopt;
    return static_cast<std::size_t>(at - values_.begin());
}

const stored_key* stored_key::find_subkey(std::string_view name) const {
    const auto at = subkey_index(name);
    return at ? &subkey(*at) : nullptr;
}

const registry_value* stored_key::find_value(std::string_view name) const {
    const auto at = value_index(name);
    return at ? &value(*at) : nullptr;
}

// ---- the tree

registry_tree::registry_tree() : root_(new stored_key), next_id_(root_id + 1) {
    root_->id_ = root_id;
    rehash(*root_);
}

registry_tree::registry_tree(registry_tree&&) noexcept = default;
registry_tree& registry_tree::operator=(registry_tree&&) noexcept = default;
registry_tree::~registry_tree() = default;

const stored_key* registry_tree::find(std::string_view path) const {
    const stored_key* key = root_.get();
    if (path.empty())
        return key;
    while (key) {
        const std::size_t end = path.find('\\');
        key = key->find_subkey(path.substr(0, end));
        if (end == path.npos)
            return key;
        path.remove_prefix(end + 1);
    }
    return nullptr;
}

stored_key& registry_tree::add_key(stored_key& parent, std::string name, std::string folded) {
    std::unique_ptr<stored_key> key(new stored_key);
    key->id_ = next_id_++;
    key->name_ = std::move(name);
    key->folded_ = std::move(folded);
    key->place_ = place_of(parent.place_, key->folded_);
    stored_key& out = *key;
    attach(parent, std::move(key));
    return out;
}

void registry_tree::attach(stored_key& parent, std::unique_ptr<stored_key> leaf) {
    leaf->parent_ = &parent;
    count(*leaf, true);
    auto& siblings = parent.subkeys_;
    const auto at = place_in(siblings, leaf->folded_, stored_key::name_of_key);
    siblings.insert(at, std::move(leaf));
}

std::unique_ptr<stored_key> registry_tree::detach(stored_key& leaf) {
    auto& siblings = leaf.parent_->subkeys_;
    const auto at = place_in(siblings, leaf.folded_, stored_key::name_of_key);
    std::unique_ptr<stored_key> out = std::move(*at);
    siblings.erase(at);
    out->parent_ = nullptr;
    count(*out, false);
    return out;
}

registry_tree::value_ptr registry_tree::put_value(stored_key& key, value_ptr value) {
    auto& values = key.values_;
    const auto at = place_in(values, value->folded, stored_key::name_of_value);
    count(*value, true);
    if (at != values.end() && (*at)->folded == value->folded) {
        count(**at, false);
        return std::exchange(*at, std::move(value));
    }
    values.insert(at, std::move(value));
    return nullptr;
}

registry_tree::value_ptr registry_tree::take_value(stored_key& key, std::string_view folded) {
    auto& values = key.values_;
    const auto at = place_in(values, folded, stored_key::name_of_value);
    if (at == values.end() || (*at)->folded != folded)
        return nullptr;
    value_ptr out = std::move(*at);
    values.erase(at);
    count(*out, false);
    return out;
}

descriptor_bytes registry_tree::set_descriptor(stored_key& key,
                                               const descriptor_bytes& descriptor) {
    descriptor_bytes before = std::exchange(key.descriptor_, pool(descriptor));
    unpool(before);
    return before;
}

void registry_tree::rehash(stored_key& key) {
    digest_ -= key.hash_;
    key.hash_ = key_hash(key.place_, key);
    digest_ += key.hash_;
}

void registry_tree::count(const stored_key::stored_value& value, bool in) {
    const std::size_t size = value.value.name.size() + value.value.data.size();
    values_ += in ? 1 : std::size_t(-1);
    bytes_ += in ? size : std::size_t(0) - size;
    in ? digest_ += value.hash : digest_ -= value.hash;
}

/// The key with its values; it has no subkeys.
void registry_tree::count(const stored_key& key, bool in) {
    for (const auto& value : key.values_)
        count(*value, in);
    keys_ += in ? 1 : std::size_t(-1);
    bytes_ += in ? key.name_.size() : std::size_t(0) - key.name_.size();
    in ? digest_ += key.hash_ : digest_ -= key.hash_;
    if (in)
        pool(key.descriptor_);
    else
        unpool(key.descriptor_);
}

/// The one copy of these bytes that all keys with them share.
descriptor_bytes registry_tree::pool(const descriptor_bytes& descriptor) {
    if (!descriptor)
        return nullptr;
    pooled& entry = descriptors_[*descriptor];
    if (entry.uses++ == 0) {
        entry.bytes = descriptor;
        bytes_ += descriptor->size();
    }
    return entry.bytes;
}

void registry_tree::unpool(const descriptor_bytes& descriptor) {
    if (!descriptor)
        return;
    const auto found = descriptors_.find(*descriptor);
    if (--found->second.uses != 0)
        return;
    bytes_ -= descriptor->size();
    descriptors_.erase(found);
}

bool registry_tree::full() const {
    return keys_ > registry_limit::keys || values_ > registry_limit::values ||
           bytes_ > registry_limit::tree_bytes;
}

bool registry_tree::operator==(const registry_tree& other) const {
    if (next_id_ != other.next_id_)
        return false;
    struct pair {
        const stored_key* left;
        const stored_key* right;
    };
    std::vector<pair> waiting{{root_.get(), other.root_.get()}};
    while (!waiting.empty()) {
        const auto [left, right] = waiting.back();
        waiting.pop_back();
        const bool same = left->name_ == right->name_ && left->last_write_ == right->last_write_ &&
                          left->version_ == right->version_ &&
                          same_bytes(left->descriptor_, right->descriptor_);
        if (!same || left->subkeys_.size() != right->subkeys_.size() ||
            !std::equal(left->values_.begin(), left->values_.end(), right->values_.begin(),
                        right->values_.end(),
                        [](const auto& a, const auto& b) { return a->value == b->value; }))
            return false;
        for (std::size_t i = 0; i < left->subkeys_.size(); ++i)
            waiting.push_back({left->subkeys_[i].get(), right->subkeys_[i].get()});
    }
    return true;
}

} // namespace bridge::model
