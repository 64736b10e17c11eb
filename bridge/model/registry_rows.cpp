// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/registry_rows.hpp"

#include "bridge/model/registry_bytes.hpp"
#include "bridge/model/registry_loader.hpp"
#include "bridge/model/registry_names.hpp"
#include "bridge/win32/upcase.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace bridge::model {

namespace {

constexpr std::uint8_t row_format = 1;
constexpr std::byte key_mark{'K'};
constexpr std::byte value_mark{'V'};
constexpr std::byte next_mark{'N'};
constexpr std::size_t row_name_bytes = 3 * registry_limit::value_name_units;

std::vector<std::byte> row_key(std::byte mark, std::uint64_t id) {
    std::vector<std::byte> out{mark};
    for (int shift = 56; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::byte>(id >> shift & 0xFF));
    return out;
}

struct read_key {
    std::uint64_t parent = 0;
    registry_loader::key_data data;
};

/// Number in a row's key; 0 for what is none.
std::uint64_t id_of(byte_reader& key) {
    std::uint64_t id = 0;
    for (int i = 0; i < 8; ++i)
        id = id << 8 | key.number<std::uint8_t>();
    return key.good() && id <= last_id ? id : 0;
}

std::optional<read_key> read_key_row(byte_reader& key, std::span<const std::byte> content) {
    read_key out;
    out.data.id = id_of(key);
    byte_reader in(content);
    const auto format = in.number<std::uint8_t>();
    out.parent = in.number<std::uint64_t>();
    out.data.last_write = in.number<std::uint64_t>();
    out.data.version = in.number<std::uint64_t>();
    out.data.name = in.text(row_name_bytes);
    auto descriptor = in.blob(registry_limit::descriptor_bytes);
    if (!descriptor.empty())
        out.data.descriptor = std::make_shared<const std::vector<std::byte>>(std::move(descriptor));
    if (!key.finished() || !in.finished() || format != row_format || out.data.id == 0)
        return std::nullopt;
    return out;
}

std::optional<registry_value> read_value_row(std::string_view folded,
                                             std::span<const std::byte> content) {
    registry_value out;
    byte_reader in(content);
    const auto format = in.number<std::uint8_t>();
    out.type = static_cast<registry_type>(in.number<std::uint32_t>());
    out.name = in.text(row_name_bytes);
    out.data = in.blob(registry_limit::value_bytes);
    if (!in.finished() || format != row_format || win32::fold(out.name) != folded)
        return std::nullopt;
    return out;
}

/// Rows on their way into a tree.
class row_reader {
public:
    /// Sorted by key: keys first, then the next number, then values in the order of their names.
    bool read(std::span<const registry_row* const> rows);
    registry_tree take() { return loader_.take(); }

private:
    bool read(const registry_row& row);
    bool grow();

    registry_loader loader_;
    std::unordered_map<std::uint64_t, std::vector<read_key>> children_; ///< by parent
    std::unordered_map<std::uint64_t, stored_key*> keys_;
    std::size_t waiting_ = 0; ///< in children_
    bool grown_ = false;
};

bool row_reader::read(const registry_row& row) {
    if (!row.value)
        return false;
    byte_reader key(row.key);
    const auto mark = static_cast<std::byte>(key.number<std::uint8_t>());
    if (mark == key_mark) {
        auto read = read_key_row(key, *row.value);
        if (!read)
            return false;
        if (read->data.id == root_id)
            return read->parent == 0 && loader_.set_root(read->data);
        children_[read->parent].push_back(std::move(*read));
        return ++waiting_ <= registry_limit::keys;
    }
    if (!grown_ && !grow())
        return false;
    if (mark == next_mark) {
        byte_reader in(*row.value);
        const auto format = in.number<std::uint8_t>();
        const auto next = in.number<std::uint64_t>();
        return key.finished() && in.finished() && format == row_format && loader_.set_next(next);
    }
    if (mark != value_mark)
        return false;
    const auto found = keys_.find(id_of(key));
    const auto folded = key.rest();
    if (!key.good() || found == keys_.end())
        return false;
    auto value =
        read_value_row({reinterpret_cast<const char*>(folded.data()), folded.size()}, *row.value);
    return value && loader_.add_value(*found->second, std::move(*value));
}

/// Puts the keys together, from the root down; whoever hangs on nothing or on itself is left over.
bool row_reader::grow() {
    grown_ = true;
    keys_[root_id] = &loader_.root();
    std::vector<std::uint64_t> next{root_id};
    while (!next.empty()) {
        const auto found = children_.find(next.back());
        next.pop_back();
        if (found == children_.end())
            continue;
        auto children = std::move(found->second);
        children_.erase(found);
        std::vector<std::pair<std::string, read_key*>> sorted;
        for (auto& child : children)
            sorted.emplace_back(win32::fold(child.data.name), &child);
        std::sort(sorted.begin(), sorted.end());
        for (const auto& [folded, child] : sorted) {
            const std::uint64_t id = child->data.id;
            stored_key* key = loader_.add_key(*keys_[child->parent], std::move(child->data));
            if (!key)
                return false;
            keys_.emplace(id, key);
            next.push_back(id);
        }
    }
    return children_.empty();
}

bool row_reader::read(std::span<const registry_row* const> rows) {
    for (const registry_row* row : rows)
        if (!read(*row))
            return false;
    return grown_ || grow();
}

} // namespace

namespace registry_rows {

std::vector<std::byte> key_row(std::uint64_t id) {
    return row_key(key_mark, id);
}

std::vector<std::byte> value_row(std::uint64_t id, std::string_view folded) {
    auto out = row_key(value_mark, id);
    const auto name = std::as_bytes(std::span(folded));
    out.insert(out.end(), name.begin(), name.end());
    return out;
}

std::vector<std::byte> next_row() {
    return {next_mark};
}

std::vector<std::byte> next_content(std::uint64_t next) {
    std::vector<std::byte> out;
    byte_writer to(out);
    to.number(row_format);
    to.number(next);
    return out;
}

std::vector<std::byte> key_content(const stored_key& key) {
    std::vector<std::byte> out;
    byte_writer to(out);
    to.number(row_format);
    to.number(key.parent() ? key.parent()->id() : std::uint64_t{0});
    to.number(key.last_write());
    to.number(key.version());
    to.text(key.name());
    to.bytes(key.descriptor() ? std::span(*key.descriptor()) : std::span<const std::byte>{});
    return out;
}

std::vector<std::byte> value_content(const registry_value& value) {
    std::vector<std::byte> out;
    byte_writer to(out);
    to.number(row_format);
    to.number(static_cast<std::uint32_t>(value.type));
    to.text(value.name);
    to.bytes(value.data);
    return out;
}

} // namespace registry_rows

std::vector<registry_row> registry_tree::take_rows() {
    std::vector<registry_row> out;
    out.reserve(changed_rows_.size());
    while (!changed_rows_.empty()) {
        auto row = changed_rows_.extract(changed_rows_.begin());
        out.push_back({std::move(row.key()), std::move(row.mapped())});
    }
    return out;
}

std::vector<registry_row> registry_tree::all_rows() {
    changed_rows_.clear();
    std::vector<registry_row> out;
    out.reserve(keys_ + values_ + 2);
    out.push_back({registry_rows::next_row(), registry_rows::next_content(next_id_)});
    std::vector<const stored_key*> waiting{root_.get()};
    while (!waiting.empty()) {
        const stored_key& key = *waiting.back();
        waiting.pop_back();
        out.push_back({registry_rows::key_row(key.id()), registry_rows::key_content(key)});
        for (const auto& value : key.values_)
            out.push_back({registry_rows::value_row(key.id(), value->folded),
                           registry_rows::value_content(value->value)});
        for (const auto& subkey : key.subkeys_)
            waiting.push_back(subkey.get());
    }
    std::sort(out.begin(), out.end(),
              [](const registry_row& a, const registry_row& b) { return a.key < b.key; });
    return out;
}

std::optional<registry_tree> registry_tree::from_rows(std::span<const registry_row> rows) {
    std::vector<const registry_row*> sorted;
    sorted.reserve(rows.size());
    for (const registry_row& row : rows)
        sorted.push_back(&row);
    std::sort(sorted.begin(), sorted.end(),
              [](const registry_row* a, const registry_row* b) { return a->key < b->key; });
    const auto same = std::adjacent_find(
        sorted.begin(), sorted.end(),
        [](const registry_row* a, const registry_row* b) { return a->key == b->key; });
    row_reader reader;
    if (same != sorted.end() || !reader.read(sorted))
        return std::nullopt;
    return reader.take();
}

} // namespace bridge::model
