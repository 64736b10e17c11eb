// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/guid.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace bridge::dcerpc {

struct interface;

/// What a context handle stands for. Its destructor is the rundown: it frees, it never answers
/// anybody.
class handle_object {
public:
    virtual ~handle_object() = default;
};

/// Handles of the whole process and of each identity, counted over all tables.
class handle_budget {
public:
    handle_budget(std::size_t limit, std::size_t limit_of_holder)
        : limit_(limit), limit_of_holder_(limit_of_holder) {}
    handle_budget(const handle_budget&) = delete;
    handle_budget& operator=(const handle_budget&) = delete;

    /// Whose handles they are, and how many.
    using holder = std::pair<const std::string, std::size_t>;

    /// Counts one more for `name`; null, and nothing counted, at a limit. Valid until it is given
    /// back.
    holder* take(std::string_view name);
    void give_back(holder* of);

    [[nodiscard]] std::size_t used() const { return used_; }
    [[nodiscard]] std::size_t holders() const { return holders_.size(); }

private:
    std::size_t limit_;
    std::size_t limit_of_holder_;
    std::size_t used_ = 0;
    std::unordered_map<std::string, std::size_t> holders_;
};

/// Context handles of one association group (C706 6.1.6; strict as MS-RPCE 3.3.1.4.1): a handle is
/// known only to the interface that made it and only within its group. Handles are random UUIDs.
class handle_table {
public:
    /// At most `limit` handles here; `budget`, when given, outlives the table.
    explicit handle_table(std::size_t limit, handle_budget* budget = nullptr)
        : limit_(limit), budget_(budget) {}
    ~handle_table();
    handle_table(const handle_table&) = delete;
    handle_table& operator=(const handle_table&) = delete;

    /// A new handle of the identity called `holder`; nullopt at a limit.
    std::optional<win32::guid> add(const interface& owner, std::shared_ptr<handle_object> object,
                                   std::string_view holder = {});

    /// The object; null when this interface made no such handle here (fault context_mismatch).
    [[nodiscard]] std::shared_ptr<handle_object> find(const interface& owner,
                                                      const win32::guid& handle) const;

    /// Forgets the handle; false when this interface made no such handle here.
    bool remove(const interface& owner, const win32::guid& handle);

    /// Runs every handle down: the association is gone.
    void clear();

    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    struct entry {
        const interface* owner;
        std::shared_ptr<handle_object> object;
        handle_budget::holder* counted; ///< null without a budget
    };
    std::size_t limit_;
    handle_budget* budget_;
    std::unordered_map<win32::guid, entry> entries_;
};

} // namespace bridge::dcerpc
