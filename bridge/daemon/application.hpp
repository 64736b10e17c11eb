// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/daemon/configuration.hpp"

#include <filesystem>
#include <functional>
#include <memory>

namespace bridge::daemon {

/// What the command line adds to the configuration.
struct run_options {
    std::filesystem::path embedded_cib; ///< empty: the cluster of this machine
    std::filesystem::path ready_file;   ///< empty: none
};

/// The daemon's objects and how they are connected. One per process.
class application {
public:
    /// Makes everything and opens the ports. Throws std::runtime_error (what an operator can mend).
    application(configuration settings, run_options options);
    ~application();
    application(const application&) = delete;
    application& operator=(const application&) = delete;

    /// Serves until SIGTERM or SIGINT, then closes everything. Returns the exit status.
    int run();

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace bridge::daemon
