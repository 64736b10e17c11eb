// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/registry.hpp"

#include <functional>
#include <string>
#include <vector>

namespace bridge::clusapi::test {

/// The registry of a cluster of one: complete, nothing durable. Waits once for the io_context
/// before it answers, as the real one does. A test sets what it refuses and what happens while a
/// call waits.
class fake_registry : public ports::registry {
public:
    model::registry_tree stored;
    ports::registry_state now = ports::registry_state::active;
    model::registry_errc read_refusal = model::registry_errc::none;
    model::registry_errc write_refusal = model::registry_errc::none;
    std::function<void()> while_reading; ///< runs once
    std::function<void()> while_writing; ///< runs once, before the batch is applied
    std::vector<model::registry_batch> batches;

    /// Applies commands as somebody else's.
    void change(std::vector<model::registry_command> commands);
    void set(std::string path, std::string name, model::registry_type type,
             std::vector<std::byte> data);
    void make(std::string path);

    [[nodiscard]] const model::registry_tree& tree() const override { return stored; }
    boost::asio::awaitable<model::registry_errc> readable() override;
    boost::asio::awaitable<model::registry_outcome> commit(model::registry_batch batch) override;
    void watch(handler changed) override { watchers_.push_back(std::move(changed)); }
    [[nodiscard]] ports::registry_status status() const override;

private:
    model::registry_outcome apply(const model::registry_batch& batch);

    std::vector<handler> watchers_;
    std::uint64_t index_ = 0;
};

} // namespace bridge::clusapi::test
