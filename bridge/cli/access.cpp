// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/access.hpp"

#include "bridge/cli/control_client.hpp"

#include <boost/json/serialize.hpp>

#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace bridge::cli {

namespace json = boost::json;

namespace {

struct access_options {
    std::string socket = "/run/clusbridge/control.sock";
    std::string sddl;
    bool as_json = false;
};

using access_options_ptr = std::shared_ptr<access_options>;

bool stored(const json::object& answer) {
    const json::value* value = answer.if_contains("stored");
    return value != nullptr && value->is_bool() && value->get_bool();
}

void write(const json::object& answer) {
    std::cout << text_in(answer, "sddl", "(has no text form)") << '\n';
    if (stored(answer))
        std::cerr << "Set for the whole cluster; this node's configuration says "
                  << text_in(answer, "configured", "nothing") << '\n';
    else
        std::cerr << "From this node's configuration: none is set for the whole cluster\n";
}

exit_code ask(const access_options& options, std::string_view command, json::object arguments) {
    const auto answer = control_client(options.socket).ask(command, std::move(arguments));
    if (!answer) {
        std::cerr << "clusbridge: " << answer.error().text << '\n';
        return answer.error().status;
    }
    if (options.as_json)
        std::cout << json::serialize(*answer) << '\n';
    else
        write(*answer);
    return exit_ok;
}

CLI::App* add(CLI::App& under, const access_options_ptr& o, int& status, const std::string& name,
              const std::string& help) {
    CLI::App* command = under.add_subcommand(name, help);
    command->add_option("--socket", o->socket, "Control socket of the daemon")
        ->capture_default_str();
    command->add_flag("--json", o->as_json, "For programs");
    command->callback([o, &status, asked = "access." + name] {
        json::object arguments;
        if (!o->sddl.empty())
            arguments["sddl"] = o->sddl;
        status = ask(*o, asked, std::move(arguments));
    });
    return command;
}

} // namespace

void add_access_commands(CLI::App& app, int& status) {
    const auto o = std::make_shared<access_options>();
    CLI::App* access = app.add_subcommand(
        "access", "Who may read and manage the cluster: its security descriptor, on all nodes");
    access->require_subcommand(1);
    add(*access, o, status, "show", "The security descriptor that counts");
    add(*access, o, status, "set", "Set it for the whole cluster, at once")
        ->add_option("SDDL", o->sddl, "A right is 1 (read), 2 (change) or 3 (all), or GA")
        ->required();
    add(*access, o, status, "reset", "Forget it: what each node's configuration says counts again");
}

} // namespace bridge::cli
