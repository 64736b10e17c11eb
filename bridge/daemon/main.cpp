// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/application.hpp"
#include "bridge/daemon/configuration.hpp"
#include "bridge/daemon/descriptor_limit.hpp"
#include "bridge/daemon/log.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

namespace {

// Pacemaker's numbers (crm_exit_e).
constexpr int exit_error = 1;
constexpr int exit_usage = 64;
constexpr int exit_configuration = 78;

int serve(bridge::daemon::configuration settings, const bridge::daemon::run_options& options) {
    std::signal(SIGPIPE, SIG_IGN);
    bridge::daemon::raise_descriptor_limit();
    bridge::daemon::application daemon(std::move(settings), options);
    return daemon.run();
}

} // namespace

int main(int argc, char** argv) {
    using namespace bridge::daemon;
    CLI::App app{"Serves ClusAPI in front of a Pacemaker cluster."};
    std::string file;
    run_options options;
    bool foreground = false;
    bool check_only = false;
    app.set_version_flag("--version", CLUSBRIDGE_VERSION);
    app.add_option("--config", file, "Configuration file (TOML)");
    app.add_flag("--foreground", foreground,
                 "Stay in the foreground (it always does; service managers expect the word)");
    app.add_option("--embedded", options.embedded_cib,
                   "Serve this CIB file with the scheduler in process");
    app.add_option("--ready-file", options.ready_file, "Write JSON here once it serves");
    app.add_flag("--check-config", check_only, "Read the configuration, say what is wrong, end");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    try {
        const configuration settings = file.empty() ? configuration{} : read_configuration(file);
        set_log_level(parse_log_level(settings.log_level));
        return check_only ? 0 : serve(settings, options);
    } catch (const configuration_error& error) {
        log(log_level::error, error.what());
        return exit_configuration;
    } catch (const std::exception& error) {
        log(log_level::error, error.what());
        return exit_error;
    }
}
