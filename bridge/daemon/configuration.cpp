// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/configuration.hpp"

#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <numeric>
#include <sstream>
#include <variant>

namespace bridge::daemon {
namespace {

using text_member = std::string configuration::*;
using number_member = std::uint32_t configuration::*;
using switch_member = bool configuration::*;
using list_member = std::vector<std::string> configuration::*;

struct key {
    std::string_view section;
    std::string_view name;
    std::variant<text_member, number_member, switch_member, list_member> member;
};

const key keys[] = {
    {"cluster", "name", &configuration::cluster_name},
    {"cluster", "domain", &configuration::cluster_domain},
    {"cluster", "id", &configuration::cluster_id},
    {"cluster", "description", &configuration::cluster_description},
    {"rpc", "addresses", &configuration::rpc_addresses},
    {"rpc", "port", &configuration::rpc_port},
    {"rpc", "endpoint_mapper", &configuration::endpoint_mapper},
    {"rpc", "endpoint_mapper_port", &configuration::endpoint_mapper_port},
    {"authentication", "accounts_file", &configuration::accounts_file},
    {"authentication", "keytab", &configuration::keytab},
    {"authentication", "winbind", &configuration::winbind},
    {"authentication", "administrators_group", &configuration::administrators_group},
    {"authentication", "anonymous", &configuration::anonymous},
    {"access", "security_descriptor", &configuration::security_descriptor},
    {"resource_types", "agents", &configuration::agent_standards},
    {"personality", "major_version", &configuration::major_version},
    {"personality", "minor_version", &configuration::minor_version},
    {"personality", "build_number", &configuration::build_number},
    {"personality", "cluster_version", &configuration::cluster_version},
    {"log", "level", &configuration::log_level},
    {"state", "directory", &configuration::state_directory},
    {"control", "socket", &configuration::control_socket},
    {"registry", "unsafe_two_node", &configuration::unsafe_two_node},
    {"storage", "disks_file", &configuration::disks_file},
    {"limits", "connections", &configuration::connections},
    {"limits", "connections_per_source", &configuration::connections_per_source},
    {"limits", "unauthenticated_connections", &configuration::unauthenticated_connections},
    {"limits", "bind_timeout_s", &configuration::bind_timeout_s},
    {"limits", "pdu_timeout_s", &configuration::pdu_timeout_s},
    {"limits", "write_timeout_s", &configuration::write_timeout_s},
    {"limits", "idle_timeout_s", &configuration::idle_timeout_s},
    {"limits", "request_bytes", &configuration::request_bytes},
    {"limits", "reassembly_bytes", &configuration::reassembly_bytes},
    {"limits", "waiting_calls", &configuration::waiting_calls},
    {"limits", "context_handles", &configuration::context_handles},
    {"limits", "context_handles_of_an_identity", &configuration::context_handles_of_an_identity},
    {"limits", "context_handles_in_all", &configuration::context_handles_in_all},
    {"limits", "authentications", &configuration::authentications},
    {"limits", "authentications_per_source", &configuration::authentications_per_source},
    {"limits", "authentication_failures_per_minute",
     &configuration::authentication_failures_per_minute},
};

/// Levenshtein distance, to name the key that was meant.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row[b.size()];
}

std::string suggestion(std::string_view section, std::string_view name) {
    const std::string wanted = std::string(section) + "." + std::string(name);
    std::string best;
    std::size_t best_distance = wanted.size() / 2 + 1;
    for (const key& k : keys) {
        std::string candidate = std::string(k.section) + "." + std::string(k.name);
        if (const std::size_t d = distance(wanted, candidate); d < best_distance) {
            best_distance = d;
            best = std::move(candidate);
        }
    }
    return best.empty() ? "" : " (did you mean " + best + "?)";
}

[[noreturn]] void refuse(std::string_view origin, const toml::node& where,
                         const std::string& what) {
    std::ostringstream text;
    text << origin << ":" << where.source().begin.line << ": " << what;
    throw configuration_error(text.str());
}

/// Stores one value, or says which type it should have.
struct store {
    configuration& into;
    const toml::node& node;

    const char* operator()(text_member member) const {
        const auto value = node.value_exact<std::string>();
        if (!value)
            return "a string";
        into.*member = *value;
        return nullptr;
    }
    const char* operator()(number_member member) const {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < 0 || *value > std::numeric_limits<std::uint32_t>::max())
            return "a whole number of 32 bits";
        into.*member = static_cast<std::uint32_t>(*value);
        return nullptr;
    }
    const char* operator()(switch_member member) const {
        const auto value = node.value_exact<bool>();
        if (!value)
            return "true or false";
        into.*member = *value;
        return nullptr;
    }
    const char* operator()(list_member member) const {
        const toml::array* list = node.as_array();
        if (list == nullptr)
            return "a list of strings";
        std::vector<std::string> values;
        for (const toml::node& item : *list) {
            const auto value = item.value_exact<std::string>();
            if (!value)
                return "a list of strings";
            values.push_back(*value);
        }
        into.*member = std::move(values);
        return nullptr;
    }
};

/// The value of a key as TOML spells it. Our own strings need no escapes but these.
struct spell {
    const configuration& from;

    static std::string quoted(std::string_view text) {
        std::string out = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += c;
        }
        return out + "\"";
    }
    std::string operator()(text_member member) const { return quoted(from.*member); }
    std::string operator()(number_member member) const { return std::to_string(from.*member); }
    std::string operator()(switch_member member) const { return from.*member ? "true" : "false"; }
    std::string operator()(list_member member) const {
        std::string out;
        for (const std::string& item : from.*member)
            out += (out.empty() ? "" : ", ") + quoted(item);
        return "[" + out + "]";
    }
};

void read_key(configuration& into, std::string_view origin, std::string_view section,
              std::string_view name, const toml::node& node) {
    const auto* found = std::find_if(std::begin(keys), std::end(keys), [&](const key& k) {
        return k.section == section && k.name == name;
    });
    const std::string full = std::string(section) + "." + std::string(name);
    if (found == std::end(keys))
        refuse(origin, node, "unknown key " + full + suggestion(section, name));
    if (const char* wanted = std::visit(store{into, node}, found->member))
        refuse(origin, node, full + " must be " + wanted);
}

void check(const configuration& c, std::string_view origin) {
    const auto require = [&](bool good, const char* what) {
        if (!good)
            throw configuration_error(std::string(origin) + ": " + what);
    };
    require(c.rpc_port <= 65535 && c.endpoint_mapper_port <= 65535, "a port is at most 65535");
    require(!c.rpc_addresses.empty(), "rpc.addresses must name at least one address");
    require(c.log_level == "error" || c.log_level == "warning" || c.log_level == "info" ||
                c.log_level == "debug",
            "log.level must be error, warning, info or debug");
    require(c.control_socket.empty() || c.control_socket.front() == '/',
            "control.socket must be an absolute path, or empty");
    require(c.connections > 0 && c.connections_per_source > 0 &&
                c.unauthenticated_connections > 0 && c.bind_timeout_s > 0 && c.pdu_timeout_s > 0 &&
                c.write_timeout_s > 0 && c.waiting_calls > 0 && c.request_bytes >= 65536 &&
                c.reassembly_bytes >= c.request_bytes && c.context_handles > 0 &&
                c.context_handles_of_an_identity > 0 && c.context_handles_in_all > 0 &&
                c.authentications > 0 && c.authentications_per_source > 0,
            "a limit is too small");
}

} // namespace

std::vector<configuration_entry> entries_of(const configuration& c) {
    std::vector<configuration_entry> all;
    for (const key& k : keys)
        all.push_back(
            {std::string(k.section) + "." + std::string(k.name), std::visit(spell{c}, k.member)});
    return all;
}

configuration parse_configuration(std::string_view text, std::string_view origin) {
    configuration result;
    try {
        const toml::table table = toml::parse(text, origin);
        for (const auto& [section, node] : table) {
            const toml::table* keys_of = node.as_table();
            if (keys_of == nullptr)
                refuse(origin, node, "unknown key " + std::string(section.str()));
            for (const auto& [name, value] : *keys_of)
                read_key(result, origin, section.str(), name.str(), value);
        }
    } catch (const toml::parse_error& error) {
        std::ostringstream what;
        what << origin << ":" << error.source().begin.line << ": " << error.description();
        throw configuration_error(what.str());
    }
    check(result, origin);
    return result;
}

configuration read_configuration(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in)
        throw configuration_error(file.string() + ": cannot be read");
    std::ostringstream text;
    text << in.rdbuf();
    return parse_configuration(text.str(), file.string());
}

} // namespace bridge::daemon
