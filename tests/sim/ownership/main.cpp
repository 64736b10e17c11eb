// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/ownership/mutants.hpp"
#include "tests/sim/ownership/simulation.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>

namespace {

using namespace ownership_sim;

/// How many runs it takes to find a mutant; 0: it was not found.
std::uint64_t hunt(const mutant& m, run_options options, std::uint64_t runs, std::string& what) {
    break_rule(m);
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

/// Each broken rule has to be noticed, within its number of runs.
int hunt_all(const run_options& options, const std::string& only) {
    int missed = 0;
    std::printf("%-31s %7s %7s  %s\n", "broken rule", "allowed", "found", "by");
    for (const mutant& m : mutants()) {
        if (!only.empty() && only != m.name)
            continue;
        std::string what;
        const std::uint64_t found = hunt(m, options, m.within, what);
        missed += found == 0 ? 1 : 0;
        std::printf("%-31s %7llu %7s  %s\n", std::string(m.name).c_str(),
                    static_cast<unsigned long long>(m.within),
                    found == 0 ? "MISSED" : std::to_string(found).c_str(), what.c_str());
        std::fflush(stdout);
    }
    return missed == 0 ? 0 : 1;
}

void add(run_result& total, const run_result& one) {
    total.steps += one.steps;
    total.writes += one.writes;
    total.refused_writes += one.refused_writes;
    total.acquired += one.acquired;
    total.losses += one.losses;
    total.refusals += one.refusals;
    total.preempted += one.preempted;
    total.restarts += one.restarts;
    total.unprotected += one.unprotected;
}

int run_all(run_options options, std::uint64_t first, std::uint64_t count, bool keep_going) {
    run_result total;
    std::uint64_t failures = 0, runs = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed, ++runs) {
        options.seed = seed;
        const run_result r = simulate(options);
        add(total, r);
        if (!r.failed)
            continue;
        ++failures;
        std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), r.what.c_str());
        if (!keep_going)
            break;
    }
    const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
    std::printf("seeds from %llu: %llu runs, %llu failed; %llu steps, writes %llu landed %llu "
                "refused, %llu acquisitions, %llu refusals, %llu preemptions of the living, %llu "
                "losses, %llu target restarts, %llu unprotected writes\n",
                number(first), number(runs), number(failures), number(total.steps),
                number(total.writes), number(total.refused_writes), number(total.acquired),
                number(total.refusals), number(total.preempted), number(total.losses),
                number(total.restarts), number(total.unprotected));
    return failures == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    run_options options;
    std::uint64_t count = 1000, first = 1;
    std::int64_t length = options.length.count();
    bool keep_going = false;
    std::string mutant;
    CLI::App app("Hosts that want one disk, in virtual time; everything follows from the seed.");
    app.add_option("--seeds", count, "how many runs");
    app.add_option("--from", first, "first seed");
    auto* one = app.add_option("--seed", options.seed, "this run only");
    app.add_option("--weather", options.weather, "0 calm, 1 windy, 2 wild; -1: drawn");
    app.add_option("--length", length, "of a run, in seconds of virtual time");
    app.add_flag("--trace", options.trace, "print what happens");
    app.add_flag("--trace-commands", options.trace_commands, "with --trace: every command too");
    app.add_flag("--keep-going", keep_going, "do not stop at the first failure");
    auto* hunting = app.add_option("--mutant", mutant, "look for this broken rule, or for \"all\"");
    CLI11_PARSE(app, argc, argv);
    options.length = std::chrono::seconds(length);
    if (hunting->count() > 0)
        return hunt_all(options, mutant == "all" ? "" : mutant);
    if (one->count() > 0) {
        first = options.seed;
        count = 1;
    }
    return run_all(options, first, count, keep_going);
}
