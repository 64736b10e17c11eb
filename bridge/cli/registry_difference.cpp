// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/registry_difference.hpp"

#include "bridge/model/registry_value_text.hpp"
#include "bridge/win32/upcase.hpp"

#include <string_view>
#include <vector>

namespace bridge::cli {

namespace {

using model::registry_tree;
using model::registry_value;
using model::stored_key;

std::string heading_of(const std::string& path) {
    if (path.empty())
        return "key";
    return "key " + (model::plain_path(path) ? path : model::quoted(path));
}

/// Both trees, walked side by side in their common order.
class writer {
public:
    writer(std::ostream& out, std::string_view from_name, std::string_view to_name)
        : out_(out), from_name_(from_name), to_name_(to_name) {}

    void compare(const stored_key* from, const stored_key* to, const std::string& path);
    [[nodiscard]] const difference_counts& counts() const { return counts_; }

private:
    void compare_values(const stored_key* from, const stored_key* to);
    void compare_subkeys(const stored_key* from, const stored_key* to, const std::string& path);
    void line(char sign, const std::string& text);
    void value(char sign, const registry_value& v) {
        line(sign, "  " + model::quoted(v.name) + " = " + model::value_text(v));
    }

    std::ostream& out_;
    std::string_view from_name_, to_name_;
    std::string heading_; ///< of the key; empty once it was written
    difference_counts counts_;
};

void writer::line(char sign, const std::string& text) {
    if (!counts_.any())
        out_ << "--- " << from_name_ << "\n+++ " << to_name_ << '\n';
    if (!heading_.empty())
        out_ << "@@ " << heading_ << " @@\n";
    heading_.clear();
    out_ << sign << text << '\n';
    ++(sign == '-' ? counts_.removed : counts_.added);
}

void writer::compare(const stored_key* from, const stored_key* to, const std::string& path) {
    const std::string key = heading_of(path);
    heading_ = key;
    if (to == nullptr)
        line('-', key);
    if (from == nullptr)
        line('+', key);
    const auto* before = from != nullptr ? from->descriptor().get() : nullptr;
    const auto* after = to != nullptr ? to->descriptor().get() : nullptr;
    const bool same =
        before == after || (before != nullptr && after != nullptr && *before == *after);
    if (!same && before != nullptr)
        line('-', "  descriptor " + model::descriptor_text(*before));
    if (!same && after != nullptr)
        line('+', "  descriptor " + model::descriptor_text(*after));
    compare_values(from, to);
    compare_subkeys(from, to, path);
}

void writer::compare_values(const stored_key* from, const stored_key* to) {
    const std::size_t olds = from != nullptr ? from->value_count() : 0;
    const std::size_t news = to != nullptr ? to->value_count() : 0;
    for (std::size_t i = 0, k = 0; i < olds || k < news;) {
        const std::string old_name = i < olds ? win32::fold(from->value(i).name) : std::string();
        const std::string new_name = k < news ? win32::fold(to->value(k).name) : std::string();
        const bool take_old = i < olds && (k == news || old_name <= new_name);
        const bool take_new = k < news && (i == olds || new_name <= old_name);
        if (!(take_old && take_new && from->value(i) == to->value(k))) {
            if (take_old)
                value('-', from->value(i));
            if (take_new)
                value('+', to->value(k));
        }
        i += take_old ? 1 : 0;
        k += take_new ? 1 : 0;
    }
}

void writer::compare_subkeys(const stored_key* from, const stored_key* to,
                             const std::string& path) {
    const std::size_t olds = from != nullptr ? from->subkey_count() : 0;
    const std::size_t news = to != nullptr ? to->subkey_count() : 0;
    const auto below = [&path](const stored_key& key) {
        return path.empty() ? key.name() : path + "\\" + key.name();
    };
    for (std::size_t i = 0, k = 0; i < olds || k < news;) {
        const stored_key* before = i < olds ? &from->subkey(i) : nullptr;
        const stored_key* after = k < news ? &to->subkey(k) : nullptr;
        if (before != nullptr && after != nullptr) {
            const std::string old_name = win32::fold(before->name());
            const std::string new_name = win32::fold(after->name());
            if (old_name < new_name)
                after = nullptr;
            else if (new_name < old_name)
                before = nullptr;
        }
        // Another spelling is another key.
        if (before != nullptr && after != nullptr && before->name() != after->name()) {
            compare(before, nullptr, below(*before));
            compare(nullptr, after, below(*after));
        } else {
            compare(before, after, below(before != nullptr ? *before : *after));
        }
        i += before != nullptr ? 1 : 0;
        k += after != nullptr ? 1 : 0;
    }
}

} // namespace

difference_counts write_difference(std::ostream& out, const registry_tree& from,
                                   const std::string& from_name, const registry_tree& to,
                                   const std::string& to_name) {
    writer both(out, from_name, to_name);
    both.compare(&from.root(), &to.root(), {});
    return both.counts();
}

} // namespace bridge::cli
