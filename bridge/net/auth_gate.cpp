// SPDX-License-Identifier: Apache-2.0
#include "bridge/net/auth_gate.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace bridge::net {

namespace {

constexpr std::size_t remembered_sources = 4096;
constexpr std::chrono::minutes failure_window{1};

auth::step_result refusal(std::string reason) {
    return {auth::step_result::outcome::refused, {}, std::move(reason)};
}

auth::step_result guarded_step(auth::security_context& context, std::span<const std::byte> token) {
    try {
        return context.step(token);
    } catch (const std::exception& e) {
        return refusal(e.what());
    }
}

} // namespace

auth_gate::auth_gate(boost::asio::io_context& io, const dcerpc::limits& bounds, std::size_t threads)
    : io_(io), bounds_(bounds), threads_(threads) {}

bool auth_gate::too_many_failures(source_record& record) const {
    if (bounds_.auth_failures_per_minute == 0) {
        return false;
    }
    if (clock::now() - record.window >= failure_window) {
        record.failures = 0;
    }
    return record.failures >= bounds_.auth_failures_per_minute;
}

bool auth_gate::may_start(const std::string& source) const {
    const auto found = sources_.find(source);
    const std::size_t here = found == sources_.end() ? 0 : found->second.in_flight;
    return in_flight_ < bounds_.auth_in_flight && here < bounds_.auth_in_flight_per_source;
}

auth_gate::ticket auth_gate::submit(const std::string& source,
                                    std::shared_ptr<auth::security_context> context,
                                    std::vector<std::byte> token, completion done) {
    if (sources_.size() >= remembered_sources) {
        std::erase_if(sources_, [](const auto& s) { return s.second.in_flight == 0; });
    }
    const ticket number = ++last_ticket_;
    job work{number, source, std::move(context), std::move(token), std::move(done)};
    if (too_many_failures(sources_[source])) {
        boost::asio::post(io_, [done = std::move(work.done)] {
            done(refusal("too many failures from this address"));
        });
        return number;
    }
    if (may_start(source)) {
        start(std::move(work));
    } else {
        waiting_.push_back(std::move(work));
    }
    return number;
}

void auth_gate::forget(ticket leg) {
    const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                    [leg](const job& work) { return work.number == leg; });
    if (found != waiting_.end()) {
        waiting_.erase(found);
    }
}

void auth_gate::start(job work) {
    ++in_flight_;
    ++sources_[work.source].in_flight;
    auto guard = boost::asio::make_work_guard(io_);
    boost::asio::post(threads_, [self = shared_from_this(), work = std::move(work),
                                 guard = std::move(guard)]() mutable {
        auto result = guarded_step(*work.context, work.token);
        const auto executor = guard.get_executor();
        // The context goes back with the answer, so that it is never destroyed on this thread.
        boost::asio::post(executor,
                          [self, work = std::move(work), result = std::move(result)]() mutable {
                              self->finished(work.source, std::move(result), work.done);
                          });
    });
}

void auth_gate::finished(const std::string& source, auth::step_result result,
                         const completion& done) {
    --in_flight_;
    auto& record = sources_[source];
    --record.in_flight;
    if (result.state == auth::step_result::outcome::refused) {
        if (record.failures == 0) {
            record.window = clock::now();
        }
        ++record.failures;
    }
    done(std::move(result));
    start_waiting();
}

void auth_gate::start_waiting() {
    auto place = waiting_.begin();
    while (place != waiting_.end() && in_flight_ < bounds_.auth_in_flight) {
        if (may_start(place->source)) {
            auto work = std::move(*place);
            place = waiting_.erase(place);
            start(std::move(work));
        } else {
            ++place;
        }
    }
}

} // namespace bridge::net
