// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/model.hpp"

#include <set>

namespace bridge::idlc {

namespace {

/// Whether `goal` is reachable from `from`.
bool reaches(const shape& from, const struct_type& goal, std::set<const void*>& seen);

bool reaches(const std::vector<member>& members, const struct_type& goal,
             std::set<const void*>& seen) {
    for (const member& m : members) {
        if (reaches(*m.type, goal, seen))
            return true;
    }
    return false;
}

bool reaches(const shape& from, const struct_type& goal, std::set<const void*>& seen) {
    if (from.target)
        return reaches(*from.target, goal, seen);
    if (from.structure != nullptr) {
        if (from.structure == &goal)
            return true;
        return seen.insert(from.structure).second && reaches(from.structure->members, goal, seen);
    }
    if (from.union_ != nullptr && seen.insert(from.union_).second) {
        for (const union_type::arm& a : from.union_->arms) {
            if (a.content && reaches(*a.content->type, goal, seen))
                return true;
        }
    }
    return false;
}

} // namespace

void mark_recursive(interface_model& model) {
    for (struct_type& s : model.structs) {
        std::set<const void*> seen;
        s.recursive = reaches(s.members, s, seen);
    }
}

} // namespace bridge::idlc
