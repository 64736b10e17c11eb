// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_context.hpp"
#include "bridge/dcerpc/limits.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace bridge::net {

/// Runs authentication legs on a few threads, at most so many at once and so many a source, and
/// refuses sources that fail too often. Used from the I/O thread only; at most one leg of each open
/// connection waits here.
class auth_gate : public std::enable_shared_from_this<auth_gate> {
public:
    using clock = std::chrono::steady_clock;
    /// Called on the I/O thread.
    using completion = std::function<void(auth::step_result)>;

    auth_gate(boost::asio::io_context& io, const dcerpc::limits& bounds, std::size_t threads);

    /// Names a leg; never 0.
    using ticket = std::uint64_t;

    /// Runs `context->step(token)` for a peer at `source`, then `done`.
    ticket submit(const std::string& source, std::shared_ptr<auth::security_context> context,
                  std::vector<std::byte> token, completion done);

    /// Nobody waits for this leg any more: drops it unless it runs or has run. Connections come
    /// and go faster than legs do; those of the ones that went must neither pile up nor delay the
    /// others.
    void forget(ticket leg);

    /// Legs that have not come back.
    [[nodiscard]] std::size_t busy() const { return in_flight_ + waiting_.size(); }

    /// Drops what waits; those that run still come back.
    void drop_waiting() { waiting_.clear(); }

    /// Waits for the threads. Nothing may be submitted after it.
    void join() { threads_.join(); }

private:
    struct job {
        ticket number;
        std::string source;
        std::shared_ptr<auth::security_context> context;
        std::vector<std::byte> token;
        completion done;
    };
    struct source_record {
        std::size_t in_flight = 0;
        std::size_t failures = 0;
        clock::time_point window;
    };

    [[nodiscard]] bool may_start(const std::string& source) const;
    [[nodiscard]] bool too_many_failures(source_record& record) const;
    void start(job work);
    void finished(const std::string& source, auth::step_result result, const completion& done);
    void start_waiting();

    boost::asio::io_context& io_;
    const dcerpc::limits& bounds_;
    boost::asio::thread_pool threads_;
    std::size_t in_flight_ = 0;
    ticket last_ticket_ = 0;
    std::list<job> waiting_;
    std::unordered_map<std::string, source_record> sources_;
};

} // namespace bridge::net
