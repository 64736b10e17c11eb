// SPDX-License-Identifier: Apache-2.0
// What a change of the cluster costs, by number of resources (three nodes).
#include "tests/model/large_cib.hpp"

#include "bridge/model/builder.hpp"
#include "bridge/model/diff.hpp"
#include "xml/catalogue.hpp"
#include "xml/cib.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace bridge;

std::shared_ptr<const model::type_list> types() {
    static const auto made = xml::catalogue::built_in().types({});
    return made;
}

void read_cib(benchmark::State& state) {
    const auto text = tests::large_cib(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(xml::cib_document::parse(text));
}

void first_snapshot(benchmark::State& state) {
    const auto document =
        xml::cib_document::parse(tests::large_cib(static_cast<std::size_t>(state.range(0))));
    for (auto _ : state) {
        model::builder build({});
        benchmark::DoNotOptimize(build.build(document->facts(), nullptr, types(), true));
    }
}

/// One patchset, its facts, the next snapshot and the difference.
void one_changed_resource(benchmark::State& state) {
    const auto resources = static_cast<std::size_t>(state.range(0));
    auto document = xml::cib_document::parse(tests::large_cib(resources));
    model::builder build({});
    auto last = build.build(document->facts(), nullptr, types(), true);
    std::size_t updates = 1;
    for (auto _ : state) {
        const auto patch = tests::stop_patch(updates * 3 % resources, updates);
        if (document->apply_patchset(patch) != xml::patch_result::ok) {
            state.SkipWithError("patchset refused");
            break;
        }
        ++updates;
        const auto now = build.build(document->facts(), nullptr, types(), true);
        benchmark::DoNotOptimize(model::diff(*last, *now));
        last = now;
    }
}

BENCHMARK(read_cib)->Arg(10)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(first_snapshot)->Arg(10)->Arg(1000)->Unit(benchmark::kMicrosecond);
BENCHMARK(one_changed_resource)->Arg(10)->Arg(1000)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
