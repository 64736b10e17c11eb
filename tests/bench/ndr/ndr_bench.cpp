// SPDX-License-Identifier: Apache-2.0
// ApiCreateEnum's response with 10,000 entries: the largest reply that clients ask for again and
// again.
#include "gen/clusapi3.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace bridge;
using ndr::syntax;

constexpr std::uint32_t entries = 10000;

gen::clusapi3::ApiCreateEnum_out large_reply() {
    gen::clusapi3::ApiCreateEnum_out out;
    out.ReturnEnum.emplace();
    out.ReturnEnum->EntryCount = entries;
    for (std::uint32_t i = 0; i < entries; ++i) {
        std::string digits = std::to_string(100000 + i).substr(1);
        std::u16string name = u"resource-";
        name.append(digits.begin(), digits.end());
        name += u".disk";
        out.ReturnEnum->Entry.push_back({4, std::move(name)});
    }
    return out;
}

void per_entry(benchmark::State& state, std::size_t bytes) {
    state.SetItemsProcessed(state.iterations() * entries);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
    state.counters["entry"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * entries,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Into a buffer that was used before: what a caller that keeps its buffers sees.
void encode_enum_list(benchmark::State& state, syntax form) {
    const auto out = large_reply();
    std::vector<std::byte> stub;
    for (auto _ : state) {
        ndr::writer w(form, std::move(stub));
        if (encode_out(w, {}, out) != ndr::errc::none)
            state.SkipWithError("refused");
        stub = w.take();
        benchmark::DoNotOptimize(stub.data());
    }
    per_entry(state, stub.size());
}

void encode_enum_list_into_new_memory(benchmark::State& state, syntax form) {
    const auto out = large_reply();
    std::size_t size = 0;
    for (auto _ : state) {
        ndr::writer w(form);
        if (encode_out(w, {}, out) != ndr::errc::none)
            state.SkipWithError("refused");
        const auto stub = w.take();
        benchmark::DoNotOptimize(stub.data());
        size = stub.size();
    }
    per_entry(state, size);
}

void decode_enum_list(benchmark::State& state, syntax form) {
    ndr::writer w(form);
    if (encode_out(w, {}, large_reply()) != ndr::errc::none)
        state.SkipWithError("refused");
    const auto stub = w.take();
    for (auto _ : state) {
        ndr::reader r(stub, form);
        gen::clusapi3::ApiCreateEnum_out out;
        if (decode_out(r, {}, out) != ndr::errc::none)
            state.SkipWithError("refused");
        benchmark::DoNotOptimize(out);
    }
    per_entry(state, stub.size());
}

BENCHMARK_CAPTURE(encode_enum_list, ndr, syntax::ndr);
BENCHMARK_CAPTURE(encode_enum_list, ndr64, syntax::ndr64);
BENCHMARK_CAPTURE(encode_enum_list_into_new_memory, ndr, syntax::ndr);
BENCHMARK_CAPTURE(decode_enum_list, ndr, syntax::ndr);
BENCHMARK_CAPTURE(decode_enum_list, ndr64, syntax::ndr64);

} // namespace

BENCHMARK_MAIN();
