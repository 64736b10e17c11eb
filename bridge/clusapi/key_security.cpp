// SPDX-License-Identifier: Apache-2.0
#include "bridge/clusapi/key_security.hpp"

#include "bridge/win32/access_check.hpp"
#include "bridge/win32/descriptor_inheritance.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace bridge::clusapi {

namespace {

using win32::win32_error;
namespace rights = win32::rights;

const win32::sid administrators{5, {32, 544}};
const win32::sid local_system{5, {18}};

/// What a key gets that inherits nothing: its owner and the system.
win32::acl default_dacl(const win32::sid& owner) {
    win32::acl out;
    for (const win32::sid& trustee : {owner, local_system}) {
        win32::ace& entry = out.entries.emplace_back();
        entry.flags = win32::ace_flag::container_inherit;
        entry.mask = rights::key_all_access;
        entry.trustee = trustee;
    }
    return out;
}

win32::result<win32::security_descriptor> child_of(const win32::security_descriptor& parent,
                                                   const win32::security_descriptor* given,
                                                   const win32::sid& owner) {
    const win32::acl otherwise = default_dacl(owner);
    win32::descriptor_request request;
    request.parent = &parent;
    request.creator = given;
    request.default_dacl = &otherwise;
    request.default_owner = owner;
    request.default_group = parent.group;
    // As Windows' registry does: a list that is given is the list, unless the client asks for more.
    request.auto_inherit =
        !given || (given->control & win32::sd_control::dacl_auto_inherit_required) != 0;
    return win32::create_descriptor(request);
}

win32::security_descriptor closed() {
    win32::security_descriptor out;
    out.owner = administrators;
    out.group = administrators;
    out.set_dacl({});
    return out;
}

descriptor_ptr shared(win32::security_descriptor value) {
    return std::make_shared<const win32::security_descriptor>(std::move(value));
}

descriptor_ptr decoded(const std::vector<std::byte>& bytes) {
    auto value = win32::decode_security_descriptor(bytes);
    return shared(value ? std::move(*value) : closed());
}

/// What the key has that nobody set a descriptor on.
descriptor_ptr inherited(const win32::security_descriptor& parent) {
    auto value = child_of(parent, nullptr, parent.owner.value_or(administrators));
    return shared(value ? std::move(*value) : closed());
}

using levels = std::vector<registry_view::level>;

/// Of the key at that place of the way.
descriptor_ptr descriptor_at(const levels& way, std::size_t place,
                             const security_source& security) {
    std::size_t from = place;
    const auto has_own = [&way](std::size_t i) {
        return way[i].stored && way[i].stored->descriptor();
    };
    while (from > 0 && !has_own(from))
        --from;
    descriptor_ptr out =
        has_own(from) ? decoded(*way[from].stored->descriptor()) : security.root_key();
    for (; from < place; ++from)
        out = inherited(*out);
    return out;
}

win32_error check(const win32::security_descriptor& descriptor, const auth::identity& who,
                  win32::access_mask desired) {
    const win32::token token{who.sids};
    const auto mask = win32::check_access(descriptor, token, desired, win32::registry_key_mapping);
    return mask ? win32_error::ERROR_SUCCESS : win32_error::ERROR_ACCESS_DENIED;
}

win32::result<model::descriptor_bytes> encoded(const win32::security_descriptor& value) {
    auto bytes = win32::encode_security_descriptor(value);
    if (!bytes)
        return bytes.error();
    return std::make_shared<const std::vector<std::byte>>(std::move(*bytes));
}

} // namespace

descriptor_ptr key_descriptor(const registry_view& view, const security_source& security,
                              std::string_view path) {
    const auto way = view.way_to(path);
    return descriptor_at(way, way.size() - 1, security);
}

win32_error check_key(const registry_view& view, const security_source& security,
                      const auth::identity& who, std::string_view path,
                      win32::access_mask desired) {
    return check(*key_descriptor(view, security, path), who, desired);
}

win32_error check_subtree(const registry_view& view, const security_source& security,
                          const auth::identity& who, std::string_view path,
                          win32::access_mask desired) {
    if (const auto code = check_key(view, security, who, path, desired);
        code != win32_error::ERROR_SUCCESS)
        return code;
    std::set<const std::vector<std::byte>*> seen; // keys share their descriptors
    std::vector<const model::stored_key*> waiting{view.tree().find(path)};
    while (!waiting.empty()) {
        const model::stored_key* key = waiting.back();
        waiting.pop_back();
        if (!key)
            continue;
        const auto& own = key->descriptor();
        if (own && seen.insert(own.get()).second)
            if (const auto code = check(*decoded(*own), who, desired);
                code != win32_error::ERROR_SUCCESS)
                return code;
        for (std::size_t i = 0; i < key->subkey_count(); ++i)
            waiting.push_back(&key->subkey(i));
    }
    return win32_error::ERROR_SUCCESS;
}

bool may_make_owner(const auth::identity& who, const win32::sid& owner) {
    const auto is = [&who](const win32::sid& sid) {
        return std::find(who.sids.begin(), who.sids.end(), sid) != who.sids.end();
    };
    return is(owner) || is(administrators);
}

win32::result<win32::security_descriptor>
new_key_descriptor(const auth::identity& who, const win32::security_descriptor& parent,
                   const win32::security_descriptor* given) {
    if (given && given->sacl)
        return win32_error::ERROR_PRIVILEGE_NOT_HELD;
    if (given && given->owner && !may_make_owner(who, *given->owner))
        return win32_error::ERROR_INVALID_OWNER;
    return child_of(parent, given, who.sids.empty() ? administrators : who.sids.front());
}

win32::result<std::vector<model::descriptor_bytes>>
descriptors_for(const registry_view& view, const security_source& security,
                const auth::identity& who, std::string_view path,
                const win32::security_descriptor* given,
                const std::function<bool(const std::string&)>& gone) {
    const auto way = view.way_to(path);
    std::vector<model::descriptor_bytes> out;
    descriptor_ptr above;
    for (std::size_t i = 1; i < way.size(); ++i) {
        const bool missing = !way[i].stored || (gone && gone(way[i].path));
        if (!missing && out.empty())
            continue;
        const bool last = i + 1 == way.size();
        if (way[i].projected && (!last || !given)) {
            out.push_back(nullptr);
            continue;
        }
        if (!above)
            above = descriptor_at(way, i - 1, security);
        auto own = new_key_descriptor(who, *above, last ? given : nullptr);
        if (!own)
            return own.error();
        auto bytes = encoded(*own);
        if (!bytes)
            return bytes.error();
        out.push_back(std::move(*bytes));
        above = shared(std::move(*own));
    }
    return out;
}

} // namespace bridge::clusapi
