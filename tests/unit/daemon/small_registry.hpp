// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ports/registry.hpp"

#include <utility>

namespace bridge::tests {

/// A registry that applies what it is given, or refuses it.
class small_registry final : public ports::registry {
public:
    const model::registry_tree& tree() const override { return tree_; }
    boost::asio::awaitable<model::registry_errc> readable() override {
        co_return model::registry_errc::none;
    }
    boost::asio::awaitable<model::registry_outcome> commit(model::registry_batch batch) override {
        if (refuses == model::registry_errc::none)
            co_return tree_.apply(batch);
        model::registry_outcome refused;
        refused.code = refuses;
        co_return refused;
    }
    void watch(handler) override {}
    ports::registry_status status() const override { return {}; }

    model::registry_errc refuses = model::registry_errc::none;

private:
    model::registry_tree tree_;
};

} // namespace bridge::tests
