// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/access.hpp"
#include "bridge/cli/account.hpp"
#include "bridge/cli/exit_codes.hpp"
#include "bridge/cli/registry.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    try {
        int status = bridge::cli::exit_ok;
        CLI::App app{"Manage clusbridge on this node."};
        app.set_version_flag("--version", CLUSBRIDGE_VERSION);
        app.require_subcommand(1);
        bridge::cli::add_access_commands(app, status);
        bridge::cli::add_account_commands(app, status);
        bridge::cli::add_registry_commands(app, status);
        try {
            app.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            return app.exit(error) == 0 ? bridge::cli::exit_ok : bridge::cli::exit_usage;
        }
        return status;
    } catch (const std::exception& error) {
        std::cerr << "clusbridge: " << error.what() << '\n';
        return bridge::cli::exit_error;
    }
}
