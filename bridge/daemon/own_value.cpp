// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/own_value.hpp"

#include "bridge/win32/filetime.hpp"

#include <chrono>
#include <utility>

namespace bridge::daemon {

const model::registry_value* own_value::in(const model::registry_tree& tree) const {
    const model::stored_key* found = tree.find(key);
    return found == nullptr ? nullptr : found->find_value(name);
}

model::registry_command own_value::command(model::registry_verb verb) const {
    model::registry_command c;
    c.verb = verb;
    c.path = key;
    c.name = name;
    return c;
}

model::registry_command own_value::set_to(std::vector<std::byte> data) const {
    model::registry_command c = command(model::registry_verb::set_value);
    c.type = model::registry_type::binary;
    c.data = std::move(data);
    return c;
}

model::registry_batch own_value::batch(std::string caller) const {
    model::registry_batch b;
    b.caller = std::move(caller);
    b.time = win32::to_filetime(std::chrono::system_clock::now()).ticks;
    b.commands.push_back(command(model::registry_verb::create_key));
    return b;
}

} // namespace bridge::daemon
