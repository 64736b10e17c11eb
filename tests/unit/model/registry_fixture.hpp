// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

/// Short spellings for tests of the registry.
namespace bridge::model::test {

inline std::vector<std::byte> bytes_of(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

inline descriptor_bytes descriptor(std::string_view text) {
    return std::make_shared<const std::vector<std::byte>>(bytes_of(text));
}

inline registry_command create(std::string path, std::vector<descriptor_bytes> descriptors = {}) {
    registry_command out;
    out.verb = registry_verb::create_key;
    out.path = std::move(path);
    out.descriptors = std::move(descriptors);
    return out;
}

inline registry_command erase(std::string path, bool subtree = false) {
    registry_command out;
    out.verb = registry_verb::delete_key;
    out.path = std::move(path);
    out.subtree = subtree;
    out.must_exist = true;
    return out;
}

inline registry_command set(std::string path, std::string name, std::string_view data,
                            registry_type type = registry_type::binary) {
    registry_command out;
    out.verb = registry_verb::set_value;
    out.path = std::move(path);
    out.name = std::move(name);
    out.type = type;
    out.data = bytes_of(data);
    return out;
}

inline registry_command unset(std::string path, std::string name) {
    registry_command out;
    out.verb = registry_verb::delete_value;
    out.path = std::move(path);
    out.name = std::move(name);
    out.must_exist = true;
    return out;
}

inline registry_command secure(std::string path, descriptor_bytes value) {
    registry_command out;
    out.verb = registry_verb::set_descriptor;
    out.path = std::move(path);
    out.descriptors = {std::move(value)};
    return out;
}

inline registry_command require(registry_verb verb, std::string path, std::string name = {},
                                std::string_view data = {}) {
    registry_command out;
    out.verb = verb;
    out.path = std::move(path);
    out.name = std::move(name);
    out.type = registry_type::binary;
    out.data = bytes_of(data);
    return out;
}

inline registry_batch batch(std::vector<registry_command> commands, std::uint64_t time = 100) {
    registry_batch out;
    out.commands = std::move(commands);
    out.time = time;
    out.caller = "DEMO\\someone";
    return out;
}

} // namespace bridge::model::test
