// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/clusapi/fake_registry.hpp"

#include "bridge/model/registry_batch_codec.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace bridge::clusapi::test {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> one_turn() {
    const auto executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
}

void run_once(std::function<void()>& what) {
    if (const auto now = std::exchange(what, nullptr))
        now();
}

} // namespace

asio::awaitable<model::registry_errc> fake_registry::readable() {
    auto turn = one_turn();
    co_await std::move(turn);
    run_once(while_reading);
    if (now == ports::registry_state::outside)
        co_return model::registry_errc::stale;
    if (now != ports::registry_state::active)
        co_return model::registry_errc::not_active;
    co_return read_refusal;
}

asio::awaitable<model::registry_outcome> fake_registry::commit(model::registry_batch batch) {
    auto turn = one_turn();
    co_await std::move(turn);
    run_once(while_writing);
    model::registry_outcome out;
    const auto bytes = model::encode_batch(batch);
    if (now != ports::registry_state::active)
        out.code = model::registry_errc::not_active;
    else if (write_refusal != model::registry_errc::none)
        out.code = write_refusal;
    else if (const auto received = model::decode_batch(bytes))
        out = apply(*received);
    else
        out.code = model::registry_errc::too_large;
    batches.push_back(std::move(batch));
    co_return out;
}

model::registry_outcome fake_registry::apply(const model::registry_batch& batch) {
    auto out = stored.apply(batch);
    out.index = ++index_;
    for (const handler& watcher : watchers_)
        watcher(batch, out);
    return out;
}

void fake_registry::change(std::vector<model::registry_command> commands) {
    model::registry_batch batch;
    batch.commands = std::move(commands);
    batch.time = 1;
    apply(batch);
}

void fake_registry::make(std::string path) {
    model::registry_command command;
    command.verb = model::registry_verb::create_key;
    command.path = std::move(path);
    change({std::move(command)});
}

void fake_registry::set(std::string path, std::string name, model::registry_type type,
                        std::vector<std::byte> data) {
    make(path);
    model::registry_command command;
    command.verb = model::registry_verb::set_value;
    command.path = std::move(path);
    command.name = std::move(name);
    command.type = type;
    command.data = std::move(data);
    change({std::move(command)});
}

ports::registry_status fake_registry::status() const {
    ports::registry_status out;
    out.state = now;
    out.last = out.committed = index_;
    out.keys = stored.keys();
    out.values = stored.values();
    out.bytes = stored.bytes();
    return out;
}

} // namespace bridge::clusapi::test
