// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/registry/simulation.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

int main(int argc, char** argv) {
    using namespace registry_sim;
    run_options options;
    std::uint64_t count = 1000, first = 1;
    bool keep_going = false;
    CLI::App app("Simulates registry clusters in virtual time; everything follows from the seed.");
    app.add_option("--seeds", count, "how many runs");
    app.add_option("--from", first, "first seed");
    auto* one = app.add_option("--seed", options.seed, "this run only");
    app.add_option("--events", options.events, "steps of machines with faults, in a run");
    app.add_option("--nodes", options.nodes, "nodes; 0: drawn from the seed");
    app.add_option("--profile", options.profile, "kinds of faults; -1: drawn from the seed");
    app.add_flag("--trace", options.trace, "print what happens");
    app.add_flag("--trace-messages", options.trace_messages, "and every input of the machines");
    app.add_flag("!--no-oracle", options.oracle, "do not compare with the model");
    app.add_flag("--keep-going", keep_going, "do not stop at the first failure");
    CLI11_PARSE(app, argc, argv);
    if (one->count() > 0) {
        first = options.seed;
        count = 1;
    }
    checker::counts total;
    std::uint64_t steps = 0, epochs = 0, failures = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        options.seed = seed;
        const run_result r = simulate(options);
        steps += r.steps;
        epochs += r.epochs;
        total.written += r.done.written;
        total.refused += r.done.refused;
        total.undecided += r.done.undecided;
        total.read += r.done.read;
        total.unread += r.done.unread;
        total.snapshots += r.done.snapshots;
        if (!r.failed)
            continue;
        ++failures;
        std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), r.what.c_str());
        if (!keep_going)
            break;
    }
    const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
    std::printf("%llu runs, %llu failed; %llu steps, %llu epochs, writes %llu done %llu refused "
                "%llu undecided, reads %llu fresh %llu not, %llu states transferred\n",
                number(count), number(failures), number(steps), number(epochs),
                number(total.written), number(total.refused), number(total.undecided),
                number(total.read), number(total.unread), number(total.snapshots));
    return failures == 0 ? 0 : 1;
}
