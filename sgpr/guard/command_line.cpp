// SPDX-License-Identifier: Apache-2.0
#include "sgpr/guard/command_line.hpp"

#include "sgpr/guard/guard_verbs.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <memory>
#include <utility>

namespace sgpr::guards {

namespace {

/// What the options of one verb are read into; lives as long as the command line.
struct said {
    guard_options options{};
    unsigned node = 0;
    std::string cluster{};
    unsigned boot = 0;
    std::vector<std::string> peers{};
    unsigned wait_s = 30;
};

std::optional<unsigned> number(std::string_view text, unsigned most, int base) {
    unsigned value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc{} || stop != end || value > most)
        return std::nullopt;
    return value;
}

/// "ID=gone" or "ID=alive"; what is wrong with it, or nothing.
std::string read_peer(std::string_view text, guard_options& into) {
    const auto equals = text.find('=');
    const auto id = number(text.substr(0, equals), 0xffff, 10);
    const std::string_view state = equals == text.npos ? text : text.substr(equals + 1);
    if (!id || equals == text.npos || (state != "gone" && state != "alive"))
        return "a peer is ID=gone or ID=alive";
    into.peers[static_cast<std::uint16_t>(*id)] =
        state == "gone" ? peer_state::gone : peer_state::alive;
    return {};
}

std::string is_cluster(const std::string& text) {
    return number(text, 0xff'ffff, 16) ? std::string() : "a cluster is 1 to 6 hexadecimal digits";
}

std::string is_peer(const std::string& text) {
    guard_options unused;
    return read_peer(text, unused);
}

void add_identity(CLI::App& to, const std::shared_ptr<said>& into, bool needed) {
    CLI::Option* node = to.add_option("--node-id", into->node, "This node, as corosync numbers it")
                            ->check(CLI::Range(1U, 0xffffU));
    CLI::Option* cluster =
        to.add_option("--cluster-id", into->cluster, "24 bits, hexadecimal")->check(is_cluster);
    CLI::Option* boot = to.add_option("--boot", into->boot, "Of this boot of the node")
                            ->check(CLI::Range(0U, 0xffU));
    for (CLI::Option* one : {node, cluster, boot})
        one->required(needed);
    // Without all three there is no key.
    node->needs(cluster)->needs(boot);
    cluster->needs(node);
    boot->needs(node);
}

void add_acquiring(CLI::App& to, const std::shared_ptr<said>& into) {
    const std::map<std::string, foreign_policy> policies{{"respect", foreign_policy::respect},
                                                         {"challenge", foreign_policy::challenge},
                                                         {"preempt", foreign_policy::preempt}};
    to.add_option("--peer", into->peers, "ID=gone or ID=alive, what the cluster knows of a node")
        ->check(is_peer);
    to.add_option("--foreign", into->options.foreign, "What becomes of keys that are no node's")
        ->transform(CLI::CheckedTransformer(policies));
    to.add_option("--wait", into->wait_s, "Seconds until an acquisition is given up")
        ->check(CLI::Range(1U, 3600U));
}

guard_options complete(const said& from) {
    guard_options made = from.options;
    made.wait = std::chrono::seconds(from.wait_s);
    for (const std::string& peer : from.peers)
        read_peer(peer, made);
    if (const auto cluster = number(from.cluster, 0xff'ffff, 16))
        made.own = node_key{*cluster, static_cast<std::uint16_t>(from.node),
                            static_cast<std::uint8_t>(from.boot)};
    return made;
}

struct verb_row {
    guard_verb verb;
    const char* name;
    const char* help;
    bool acquires;
    bool identified;
};

constexpr std::array verbs{
    verb_row{guard_verb::start, "start", "Own the disk, then guard it in the background", true,
             true},
    verb_row{guard_verb::run, "run", "The same in the foreground", true, true},
    verb_row{guard_verb::status, "status", "Say whether the disk is owned", false, false},
    verb_row{guard_verb::stop, "stop", "Release the disk", false, false},
    verb_row{guard_verb::holder, "holder", "Say whether this key holds the disk", false, true},
    verb_row{guard_verb::admit, "admit", "Wait until a new path is registered, if it has to be",
             false, false},
};

} // namespace

void add_guard(CLI::App& to, std::function<void(int)> finished) {
    CLI::App* guard = to.add_subcommand("guard", "Own a shared disk and defend it");
    guard->require_subcommand(1);
    for (const verb_row& row : verbs) {
        const auto into = std::make_shared<said>();
        into->options.verb = row.verb;
        CLI::App* made = guard->add_subcommand(row.name, row.help);
        made->add_option("DISK", into->options.disk, "Page 83h identity (naa....) or a device")
            ->required();
        made->add_option("--path", into->options.only, "Use no other kernel names than these");
        made->add_option("--initiator", into->options.initiators,
                         "Use no paths through other initiator ports (iSCSI name, \"sas ...\")");
        add_identity(*made, into, row.identified);
        if (row.acquires)
            add_acquiring(*made, into);
        made->callback([into, finished] { finished(run_verb(complete(*into))); });
    }
}

} // namespace sgpr::guards
