// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/registry.hpp"

#include "bridge/cli/registry_commands.hpp"

#include <unistd.h>

#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

namespace bridge::cli {
namespace {

struct registry_options {
    std::string socket = "/run/clusbridge/control.sock";
    std::string file, second, out;
    std::string source = "live";
    std::uint32_t node = 0;
    bool as_json = false;
    bool stale = false;
    bool yes = false;
};

using registry_options_ptr = std::shared_ptr<registry_options>;
using action = std::function<exit_code(const control_client&, const console&)>;

std::optional<bool> ask_terminal(const std::string& question) {
    if (::isatty(STDIN_FILENO) == 0)
        return std::nullopt;
    std::cerr << question << " Type yes: ";
    std::string line;
    std::getline(std::cin, line);
    return line == "yes";
}

CLI::App* add(CLI::App& under, const registry_options_ptr& options, int& status,
              const std::string& name, const std::string& help, action run) {
    CLI::App* command = under.add_subcommand(name, help);
    command->add_option("--socket", options->socket, "Control socket of the daemon")
        ->capture_default_str();
    command->callback([options, &status, run = std::move(run)] {
        const console with{std::cin, std::cout, std::cerr, ask_terminal};
        status = run(control_client(options->socket), with);
    });
    return command;
}

void add_stale(CLI::App* command, const registry_options_ptr& options) {
    command->add_flag("--stale", options->stale,
                      "Also when the registry is not active here: as far as this node knows it");
}

void add_yes(CLI::App* command, const registry_options_ptr& options) {
    command->add_flag("--yes", options->yes, "Do not ask");
}

void add_reading(CLI::App& group, const registry_options_ptr& o, int& status) {
    CLI::App* show = add(group, o, status, "status",
                         "State, members and size of the registry, as this node sees them",
                         [o](const control_client& daemon, const console& with) {
                             return registry_status(daemon, with, o->as_json);
                         });
    show->add_flag("--json", o->as_json, "For programs");

    CLI::App* backup =
        add(group, o, status, "backup", "Write the registry to a file, complete and up to date",
            [o](const control_client& daemon, const console& with) {
                return registry_backup(daemon, with, o->file, o->stale);
            });
    backup->add_option("FILE", o->file, "Replaced when it exists; mode 0600")->required();
    add_stale(backup, o);

    CLI::App* dump = add(group, o, status, "dump", "Show the registry, or a backup, as text",
                         [o](const control_client& daemon, const console& with) {
                             return registry_dump(daemon, with, o->source, o->out, o->stale);
                         });
    dump->add_option("FILE", o->source, "A backup; without it, the cluster's registry");
    dump->add_option("-o,--output", o->out, "Write to this file");
    add_stale(dump, o);

    CLI::App* diff = add(group, o, status, "diff",
                         "Show what differs; exit status 0: nothing, 1: something, else trouble",
                         [o](const control_client& daemon, const console& with) {
                             return registry_diff(daemon, with, o->file, o->second, o->stale);
                         });
    diff->add_option("A", o->file,
                     "A backup, a text dump, - (a text dump on standard input) or live")
        ->required();
    diff->add_option("B", o->second, "Likewise")->required();
    add_stale(diff, o);
}

void add_changing(CLI::App& group, const registry_options_ptr& o, int& status) {
    CLI::App* restore =
        add(group, o, status, "restore",
            "Make the cluster's registry that of a file, on all nodes at once; shows what changes "
            "and asks. The cluster keeps its identity",
            [o](const control_client& daemon, const console& with) {
                return registry_restore(daemon, with, o->file, o->yes);
            });
    restore->add_option("FILE", o->file, "A backup or a text dump")->required();
    add_yes(restore, o);

    CLI::App* dead =
        add(group, o, status, "confirm-dead",
            "Say that a lost node is dead for certain, so that the other one of two may go on",
            [o](const control_client& daemon, const console& with) {
                return registry_confirm_dead(daemon, with, o->node, o->yes);
            });
    dead->add_option("NODE", o->node, "Node id, as `status` shows it")->required();
    add_yes(dead, o);

    CLI::App* force =
        add(group, o, status, "force",
            "Begin a new registry with this node's copy, when the majority is lost for good. "
            "Writes that only others have are LOST",
            [o](const control_client& daemon, const console& with) {
                return registry_force(daemon, with, o->yes);
            });
    add_yes(force, o);
}

} // namespace

void add_registry_commands(CLI::App& app, int& status) {
    const auto options = std::make_shared<registry_options>();
    CLI::App* group =
        app.add_subcommand("registry", "The cluster registry that all nodes keep together");
    group->require_subcommand(1);
    add_reading(*group, options, status);
    add_changing(*group, options, status);
}

} // namespace bridge::cli
