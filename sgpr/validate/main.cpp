// SPDX-License-Identifier: Apache-2.0
// The validation as a program of its own, for tests.
#include "sgpr/validate/command.hpp"

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
    CLI::App app{"Shared storage and its reservations"};
    app.require_subcommand(1);
    int status = 0;
    sgpr::validate::add_validate(app, [&status](int is) { status = is; });
    CLI11_PARSE(app, argc, argv);
    return status;
}
