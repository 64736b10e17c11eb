// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/registry_text.hpp"

#include "bridge/model/registry_value_text.hpp"
#include "bridge/win32/upcase.hpp"

#include <set>
#include <utility>

namespace bridge::model {

namespace {

constexpr std::string_view heading = "clusbridge registry 1";

void dump_key(std::string& out, const stored_key& key) {
    const bool shown = !key.parent() || key.value_count() != 0 || key.subkey_count() == 0 ||
                       key.descriptor() != nullptr;
    if (shown) {
        out += "key";
        const std::string path = key.path();
        if (!path.empty()) {
            out += ' ';
            out += plain_path(path) ? path : quoted(path);
        }
        out += '\n';
        if (key.descriptor())
            out += "  descriptor " + descriptor_text(*key.descriptor()) + "\n";
        for (std::size_t i = 0; i < key.value_count(); ++i)
            out += "  " + quoted(key.value(i).name) + " = " + value_text(key.value(i)) + "\n";
    }
    for (std::size_t i = 0; i < key.subkey_count(); ++i)
        dump_key(out, key.subkey(i)); // at most registry_limit::depth deep
}

/// Text on its way into a tree, line by line. Each line is checked as a batch of its own would be.
class text_reader {
public:
    /// Why the line is wrong; empty: it is not.
    std::string line(std::string_view text);
    registry_tree take() { return std::move(tree_); }

private:
    std::string key_line(std::string_view rest);
    std::string descriptor_line(text_cursor& in);
    std::string value_line(text_cursor& in);
    std::string apply(registry_command command);

    registry_tree tree_;
    std::optional<std::string> path_; ///< of the last key line
    std::set<std::string> seen_;      ///< folded paths
};

std::string text_reader::apply(registry_command command) {
    registry_batch batch;
    batch.commands.push_back(std::move(command));
    switch (tree_.apply(batch).code) {
    case registry_errc::none:
        return {};
    case registry_errc::too_large:
        return "too long";
    case registry_errc::tree_full:
        return "more than a registry holds";
    default:
        return "not a name";
    }
}

std::string text_reader::key_line(std::string_view rest) {
    std::string path(rest);
    if (rest.starts_with('"')) {
        text_cursor in(rest);
        const auto text = in.string();
        if (!text || !in.finished())
            return "not a path";
        path = *text;
    }
    if (!seen_.insert(win32::fold(path)).second)
        return "the key was there before";
    registry_command command;
    command.verb = registry_verb::create_key;
    command.path = path;
    path_ = std::move(path);
    return apply(std::move(command));
}

std::string text_reader::descriptor_line(text_cursor& in) {
    auto bytes = in.descriptor();
    if (!bytes || !in.finished())
        return "not a descriptor";
    if (tree_.find(*path_)->descriptor())
        return "the key has a descriptor already";
    registry_command command;
    command.verb = registry_verb::set_descriptor;
    command.path = *path_;
    command.descriptors.push_back(
        std::make_shared<const std::vector<std::byte>>(std::move(*bytes)));
    return apply(std::move(command));
}

std::string text_reader::value_line(text_cursor& in) {
    auto name = in.string();
    if (!name || !in.word("="))
        return "not a value";
    if (tree_.find(*path_)->find_value(*name))
        return "the value was there before";
    registry_command command;
    command.verb = registry_verb::set_value;
    command.path = *path_;
    command.name = std::move(*name);
    const auto type = in.type();
    auto data = type ? in.data(*type) : std::nullopt;
    if (!data || !in.finished())
        return "not a value";
    command.type = *type;
    command.data = std::move(*data);
    return apply(std::move(command));
}

std::string text_reader::line(std::string_view text) {
    if (text == "key")
        return key_line({});
    if (text.starts_with("key "))
        return key_line(text.substr(4));
    if (!path_)
        return "no key above";
    text_cursor in(text);
    if (in.word("descriptor"))
        return descriptor_line(in);
    return value_line(in);
}

bool blank(std::string_view line) {
    const auto first = line.find_first_not_of(" \r");
    return first == line.npos || line[first] == '#';
}

/// The difference of two trees, gathered while both are walked side by side.
class comparison {
public:
    std::vector<registry_command> take() {
        auto out = std::move(deletions_);
        out.insert(out.end(), std::make_move_iterator(additions_.begin()),
                   std::make_move_iterator(additions_.end()));
        return out;
    }
    void compare(const stored_key& from, const stored_key& to, const std::string& path);

private:
    void compare_values(const stored_key& from, const stored_key& to, const std::string& path);
    void compare_subkeys(const stored_key& from, const stored_key& to, const std::string& path);
    void add(const stored_key& key, const std::string& path);
    void set(const std::string& path, const registry_value& value);
    registry_command& command(std::vector<registry_command>& list, registry_verb verb,
                              const std::string& path);

    std::vector<registry_command> deletions_;
    std::vector<registry_command> additions_;
};

std::string below(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "\\" + name;
}

registry_command& comparison::command(std::vector<registry_command>& list, registry_verb verb,
                                      const std::string& path) {
    registry_command& out = list.emplace_back();
    out.verb = verb;
    out.path = path;
    return out;
}

void comparison::set(const std::string& path, const registry_value& value) {
    auto& out = command(additions_, registry_verb::set_value, path);
    out.name = value.name;
    out.type = value.type;
    out.data = value.data;
}

void comparison::add(const stored_key& key, const std::string& path) {
    auto& made = command(additions_, registry_verb::create_key, path);
    if (key.descriptor())
        made.descriptors.push_back(key.descriptor());
    for (std::size_t i = 0; i < key.value_count(); ++i)
        set(path, key.value(i));
    for (std::size_t i = 0; i < key.subkey_count(); ++i)
        add(key.subkey(i), below(path, key.subkey(i).name()));
}

void comparison::compare_values(const stored_key& from, const stored_key& to,
                                const std::string& path) {
    const auto is_in = [](const stored_key& key, const registry_value& value) {
        const registry_value* found = key.find_value(value.name);
        return found && found->name == value.name ? found : nullptr;
    };
    for (std::size_t i = 0; i < from.value_count(); ++i)
        if (!is_in(to, from.value(i)))
            command(deletions_, registry_verb::delete_value, path).name = from.value(i).name;
    for (std::size_t i = 0; i < to.value_count(); ++i) {
        const registry_value* there = is_in(from, to.value(i));
        if (!there || *there != to.value(i))
            set(path, to.value(i));
    }
}

void comparison::compare_subkeys(const stored_key& from, const stored_key& to,
                                 const std::string& path) {
    const auto is_in = [](const stored_key& key, const stored_key& subkey) {
        const stored_key* found = key.find_subkey(subkey.name());
        return found && found->name() == subkey.name() ? found : nullptr;
    };
    for (std::size_t i = 0; i < from.subkey_count(); ++i)
        if (!is_in(to, from.subkey(i)))
            command(deletions_, registry_verb::delete_key, below(path, from.subkey(i).name()))
                .subtree = true;
    for (std::size_t i = 0; i < to.subkey_count(); ++i) {
        const stored_key& key = to.subkey(i);
        const std::string its_path = below(path, key.name());
        if (const stored_key* there = is_in(from, key))
            compare(*there, key, its_path);
        else
            add(key, its_path);
    }
}

void comparison::compare(const stored_key& from, const stored_key& to, const std::string& path) {
    const auto& now = from.descriptor();
    const auto& then = to.descriptor();
    if (now != then && (!now || !then || *now != *then))
        command(additions_, registry_verb::set_descriptor, path).descriptors.push_back(then);
    compare_values(from, to, path);
    compare_subkeys(from, to, path);
}

} // namespace

std::string dump_text(const registry_tree& tree) {
    std::string out(heading);
    out += '\n';
    dump_key(out, tree.root());
    return out;
}

parsed_registry parse_text(std::string_view text) {
    parsed_registry out;
    if (text.size() > max_registry_text) {
        out.error = "longer than any registry";
        return out;
    }
    text_reader reader;
    bool headed = false;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        ++out.line;
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (blank(line))
            continue;
        if (!headed && line != heading)
            out.error = "does not begin with \"" + std::string(heading) + "\"";
        else if (headed)
            out.error = reader.line(line);
        if (!out.error.empty())
            return out;
        headed = true;
    }
    if (headed)
        out.tree = reader.take();
    else
        out.error = "empty";
    return out;
}

std::vector<registry_command> difference(const registry_tree& from, const registry_tree& to) {
    comparison both;
    both.compare(from.root(), to.root(), {});
    return both.take();
}

} // namespace bridge::model
