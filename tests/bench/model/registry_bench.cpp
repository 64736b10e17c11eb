// SPDX-License-Identifier: Apache-2.0
// What the registry costs by its number of values: 100 a key, or all in one key.
#include "bridge/model/registry_batch_codec.hpp"
#include "bridge/model/registry_tree.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace bridge::model;

constexpr std::int64_t a_key = 100;

std::string path_of(std::int64_t value, std::int64_t values_a_key) {
    return "Resources\\" + std::to_string(value / values_a_key) + "\\Parameters";
}

registry_batch set_value(std::int64_t value, std::int64_t values_a_key, std::uint32_t data) {
    registry_batch batch;
    batch.time = data + 1;
    batch.caller = "DEMO\\Administrator";
    auto& command = batch.commands.emplace_back();
    command.verb = registry_verb::set_value;
    command.path = path_of(value, values_a_key);
    command.name = "Value " + std::to_string(value);
    command.type = registry_type::dword;
    for (int shift = 0; shift < 32; shift += 8)
        command.data.push_back(static_cast<std::byte>(data >> shift & 0xFF));
    return batch;
}

registry_tree grown(std::int64_t values, std::int64_t values_a_key) {
    registry_tree tree;
    const auto descriptor = std::make_shared<const std::vector<std::byte>>(120);
    for (std::int64_t i = 0; i < values; ++i) {
        auto batch = set_value(i, values_a_key, 0);
        auto& made = *batch.commands.emplace(batch.commands.begin());
        made.verb = registry_verb::create_key;
        made.path = path_of(i, values_a_key);
        made.descriptors = {descriptor};
        tree.apply(batch);
    }
    tree.take_rows();
    return tree;
}

/// One committed batch with one value: times, digest and rows included.
void apply_set_value(benchmark::State& state) {
    auto tree = grown(state.range(0), state.range(1));
    std::uint32_t data = 1;
    for (auto _ : state) {
        tree.apply(set_value(data * 7919LL % state.range(0), state.range(1), data));
        benchmark::DoNotOptimize(tree.take_rows());
        benchmark::DoNotOptimize(tree.digest());
        ++data;
    }
}

void insert_and_delete_value(benchmark::State& state) {
    auto tree = grown(state.range(0), state.range(1));
    std::uint32_t data = 1;
    for (auto _ : state) {
        auto batch = set_value(data * 7919LL % state.range(0), state.range(1), data);
        batch.commands[0].name += " new";
        tree.apply(batch);
        batch.commands[0].verb = registry_verb::delete_value;
        tree.apply(batch);
        benchmark::DoNotOptimize(tree.take_rows());
        ++data;
    }
}

void look_up(benchmark::State& state) {
    const auto tree = grown(state.range(0), state.range(1));
    std::int64_t at = 0;
    for (auto _ : state) {
        at = (at + 7919) % state.range(0);
        const auto* key = tree.find(path_of(at, state.range(1)));
        benchmark::DoNotOptimize(key->find_value("Value " + std::to_string(at)));
    }
}

void save_tree(benchmark::State& state) {
    const auto tree = grown(state.range(0), state.range(1));
    for (auto _ : state)
        benchmark::DoNotOptimize(tree.save());
}

void load_tree(benchmark::State& state) {
    const auto saved = grown(state.range(0), state.range(1)).save();
    for (auto _ : state)
        benchmark::DoNotOptimize(registry_tree::load(saved));
}

void load_rows(benchmark::State& state) {
    const auto rows = grown(state.range(0), state.range(1)).all_rows();
    for (auto _ : state)
        benchmark::DoNotOptimize(registry_tree::from_rows(rows));
}

void encode_and_decode(benchmark::State& state) {
    const auto batch = set_value(4711, a_key, 1);
    for (auto _ : state)
        benchmark::DoNotOptimize(decode_batch(encode_batch(batch)));
}

} // namespace

#define AT_SIZES(name)                                                                             \
    BENCHMARK(name)->Args({1000, a_key})->Args({100000, a_key})->Args({100000, 100000})

AT_SIZES(apply_set_value);
AT_SIZES(insert_and_delete_value);
AT_SIZES(look_up);
AT_SIZES(save_tree);
AT_SIZES(load_tree);
AT_SIZES(load_rows);
BENCHMARK(encode_and_decode);

BENCHMARK_MAIN();
