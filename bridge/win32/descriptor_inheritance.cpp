// SPDX-License-Identifier: Apache-2.0
#include "bridge/win32/descriptor_inheritance.hpp"

#include <algorithm>
#include <utility>

namespace bridge::win32 {
namespace {

constexpr std::uint8_t inheritance_flags = ace_flag::object_inherit | ace_flag::container_inherit |
                                           ace_flag::no_propagate | ace_flag::inherit_only |
                                           ace_flag::inherited;

const sid creator_owner{3, {0}};
const sid creator_group{3, {1}};

/// Where an ACL's flags are in the control word; the two kinds obey the same rules.
struct kind {
    std::optional<acl> security_descriptor::*list;
    std::uint16_t present;
    std::uint16_t defaulted;
    std::uint16_t is_protected;
    std::uint16_t auto_inherited;
};

constexpr kind dacl_kind{&security_descriptor::dacl, sd_control::dacl_present,
                         sd_control::dacl_defaulted, sd_control::dacl_protected,
                         sd_control::dacl_auto_inherited};
constexpr kind sacl_kind{&security_descriptor::sacl, sd_control::sacl_present,
                         sd_control::sacl_defaulted, sd_control::sacl_protected,
                         sd_control::sacl_auto_inherited};

/// Replaces generic rights and creators by what they mean for this object.
ace made_concrete(ace entry, const sid& owner, const std::optional<sid>& group,
                  const generic_mapping& mapping) {
    if (shape_of(entry.type) == ace_shape::unknown_body) {
        return entry;
    }
    entry.mask = map_generic(entry.mask, mapping);
    if (entry.trustee == creator_owner) {
        entry.trustee = owner;
    } else if (entry.trustee == creator_group && group) {
        entry.trustee = *group;
    }
    return entry;
}

bool has(std::uint8_t flags, std::uint8_t flag) {
    return (flags & flag) != 0;
}

/// An ACE of a container as its container child gets it: zero, one or two entries.
void inherit_to_container(const ace& from, const ace& concrete, std::vector<ace>& out) {
    const bool goes_on = !has(from.flags, ace_flag::no_propagate);
    const auto own =
        static_cast<std::uint8_t>((from.flags & ~inheritance_flags) | ace_flag::inherited);
    const auto onward = static_cast<std::uint8_t>(
        from.flags & (ace_flag::object_inherit | ace_flag::container_inherit));
    if (!has(from.flags, ace_flag::container_inherit)) {
        if (goes_on) { // for leaf objects further down
            out.push_back(from);
            out.back().flags = static_cast<std::uint8_t>(own | onward | ace_flag::inherit_only);
        }
        return;
    }
    const bool changed = concrete.mask != from.mask || concrete.trustee != from.trustee;
    out.push_back(concrete);
    out.back().flags = own;
    if (goes_on && !changed) {
        out.back().flags = static_cast<std::uint8_t>(own | onward);
    } else if (goes_on) {
        out.push_back(from);
        out.back().flags = static_cast<std::uint8_t>(own | onward | ace_flag::inherit_only);
    }
}

struct computed {
    std::optional<acl> list;
    std::uint16_t control = 0;
};

/// The explicit part: nothing that came from another parent, creators replaced where in force.
std::vector<ace> explicit_entries(const acl& given, const descriptor_request& request,
                                  const security_descriptor& made) {
    std::vector<ace> entries;
    for (const auto& entry : given.entries) {
        if (has(entry.flags, ace_flag::inherited)) {
            continue;
        }
        if (has(entry.flags, ace_flag::inherit_only)) {
            entries.push_back(entry);
            continue;
        }
        auto concrete = made_concrete(entry, *made.owner, made.group, request.mapping);
        const bool onward =
            has(entry.flags, ace_flag::object_inherit | ace_flag::container_inherit);
        if (!onward || !request.is_container || concrete == entry) {
            entries.push_back(std::move(concrete));
            continue;
        }
        // In force here as what it means here; children get it as it was written.
        concrete.flags = static_cast<std::uint8_t>(concrete.flags & ~inheritance_flags);
        entries.push_back(std::move(concrete));
        entries.push_back(entry);
        entries.back().flags |= ace_flag::inherit_only;
    }
    return entries;
}

computed compute_acl(const kind& which, const acl* fallback, const descriptor_request& request,
                     const security_descriptor& made) {
    const auto* creator = request.creator;
    const auto creator_control = creator != nullptr ? creator->control : std::uint16_t{0};
    const bool given = (creator_control & which.present) != 0;
    const bool by_default = (creator_control & which.defaulted) != 0;
    const bool closed = (creator_control & which.is_protected) != 0;

    std::vector<ace> from_parent;
    if (request.parent != nullptr && (request.parent->*which.list).has_value() && !closed) {
        from_parent = inherited_entries(*(request.parent->*which.list), request.is_container,
                                        *made.owner, made.group, request.mapping);
    }
    computed out;
    out.control = static_cast<std::uint16_t>(creator_control & which.is_protected);
    const auto inherited_flag = request.auto_inherit ? which.auto_inherited : std::uint16_t{0};

    if (given && !by_default) {
        out.control |= which.present;
        const auto& list = creator->*which.list;
        if (!list) {
            return out; // a null list stays one
        }
        out.list = acl{list->revision, explicit_entries(*list, request, made)};
        if (request.auto_inherit && !closed) {
            out.control |= inherited_flag;
            out.list->entries.insert(out.list->entries.end(), from_parent.begin(),
                                     from_parent.end());
        }
        return out;
    }
    if (!from_parent.empty()) {
        out.control |= which.present | inherited_flag;
        out.list = acl{(request.parent->*which.list)->revision, std::move(from_parent)};
        return out;
    }
    const acl* last = given && (creator->*which.list) ? &*(creator->*which.list) : fallback;
    if (last != nullptr) {
        out.control |= which.present | which.defaulted;
        out.list = acl{last->revision, explicit_entries(*last, request, made)};
    }
    return out;
}

} // namespace

std::vector<ace> inherited_entries(const acl& parent, bool is_container, const sid& owner,
                                   const std::optional<sid>& group,
                                   const generic_mapping& mapping) {
    std::vector<ace> out;
    for (const auto& entry : parent.entries) {
        if (entry.inherited_object_type || shape_of(entry.type) == ace_shape::unknown_body) {
            continue;
        }
        const auto concrete = made_concrete(entry, owner, group, mapping);
        if (is_container) {
            if (has(entry.flags, ace_flag::object_inherit | ace_flag::container_inherit)) {
                inherit_to_container(entry, concrete, out);
            }
        } else if (has(entry.flags, ace_flag::object_inherit)) {
            out.push_back(concrete);
            out.back().flags =
                static_cast<std::uint8_t>((entry.flags & ~inheritance_flags) | ace_flag::inherited);
        }
    }
    return out;
}

result<security_descriptor> create_descriptor(const descriptor_request& request) {
    security_descriptor made;
    const auto* creator = request.creator;
    if (creator != nullptr && creator->owner) {
        const auto& allowed = request.may_own;
        if (!allowed.empty() &&
            std::find(allowed.begin(), allowed.end(), *creator->owner) == allowed.end()) {
            return win32_error::ERROR_INVALID_OWNER;
        }
        made.owner = creator->owner;
    } else {
        made.owner = request.default_owner;
    }
    made.group = creator != nullptr && creator->group ? creator->group : request.default_group;
    if (creator != nullptr && (creator->control & sd_control::resource_manager_valid) != 0) {
        made.resource_manager = creator->resource_manager;
        made.control |= sd_control::resource_manager_valid;
    }
    auto dacl = compute_acl(dacl_kind, request.default_dacl, request, made);
    auto sacl = compute_acl(sacl_kind, nullptr, request, made);
    made.dacl = std::move(dacl.list);
    made.sacl = std::move(sacl.list);
    made.control |= dacl.control | sacl.control;
    return made;
}

} // namespace bridge::win32
