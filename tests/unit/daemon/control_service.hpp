// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/daemon/access_control.hpp"
#include "bridge/daemon/control_socket.hpp"
#include "bridge/daemon/registry_control.hpp"
#include "tests/unit/daemon/stored_registry.hpp"
#include "tests/unit/registry/store_owner.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <optional>
#include <thread>

namespace bridge::tests {

/// A daemon's control socket with a registry, in a thread of its own, for clients that block.
class control_service {
public:
    static constexpr const char* configured_descriptor = "D:(A;;GA;;;BA)";

    control_service() {
        daemon::control_settings settings;
        settings.socket = socket();
        control_.emplace(io_, settings);
        daemon::register_registry_commands(*control_, registry_.operations());
        daemon::register_access_commands(*control_, registry_, configured_descriptor);
        control_->open();
        thread_ = std::thread([this] { io_.run(); });
    }
    ~control_service() {
        boost::asio::post(io_, [this] {
            control_->stop();
            work_.reset();
        });
        thread_.join();
    }
    control_service(const control_service&) = delete;
    control_service& operator=(const control_service&) = delete;

    [[nodiscard]] std::filesystem::path socket() const { return folder_ / "control.sock"; }
    [[nodiscard]] const private_folder& folder() const { return folder_; }

    /// Runs `what(registry)` in the daemon's thread.
    template <class What>
    auto with(What what) {
        std::packaged_task<decltype(what(std::declval<stored_registry&>()))()> task(
            [&] { return what(registry_); });
        auto result = task.get_future();
        boost::asio::post(io_, [&task] { task(); });
        return result.get();
    }

    void apply(const model::registry_batch& batch) {
        with([&](stored_registry& r) { return r.apply(batch).index; });
    }
    void set_state(ports::registry_state state) {
        with([&](stored_registry& r) { return r.now().state = state; });
    }

private:
    private_folder folder_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        io_.get_executor()};
    stored_registry registry_{io_, folder_ / "registry.db"};
    std::optional<daemon::control_socket> control_;
    std::thread thread_;
};

} // namespace bridge::tests
