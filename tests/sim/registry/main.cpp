// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/registry/mutants.hpp"
#include "tests/sim/registry/simulation.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace {

using namespace registry_sim;

/// How many runs it takes to find a mutant; 0: it was not found.
std::uint64_t hunt(const mutant& m, run_options options, std::uint64_t runs, std::string& what) {
    break_rules(m);
    if (options.nodes == 0)
        options.nodes = m.nodes;
    if (options.profile < 0)
        options.profile = m.profile;
    std::uint64_t found = 0;
    for (std::uint64_t i = 0; i < runs && found == 0; ++i) {
        options.seed = 1 + i;
        const run_result r = simulate(options);
        if (r.failed) {
            found = i + 1;
            what = r.what;
        }
    }
    keep_all_rules();
    return found;
}

/// Each broken rule has to be noticed.
int hunt_all(const run_options& options, std::uint64_t runs, const std::string& only) {
    int missed = 0;
    for (const mutant& m : mutants()) {
        if (!only.empty() && only != m.name)
            continue;
        std::string what;
        const std::uint64_t found = hunt(m, options, runs, what);
        if (found == 0)
            ++missed;
        std::printf("%-26s %s\n", std::string(m.name).c_str(),
                    found == 0 ? "NOT FOUND"
                               : ("run " + std::to_string(found) + ": " + what).c_str());
    }
    return missed == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
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
    std::string mutant;
    auto* hunting = app.add_option("--mutant", mutant, "look for this broken rule, or for \"all\"");
    CLI11_PARSE(app, argc, argv);
    if (hunting->count() > 0)
        return hunt_all(options, count, mutant == "all" ? "" : mutant);
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
