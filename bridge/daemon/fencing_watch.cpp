// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/fencing_watch.hpp"

#include "bridge/daemon/log.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace bridge::daemon {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds again{250};

std::string explain(fencing_proofs::verdict v) {
    switch (v) {
    case fencing_proofs::verdict::proven:
        return "the registry may go on without it";
    case fencing_proofs::verdict::waiting:
        return "the registry may go on without it once it has left the membership";
    case fencing_proofs::verdict::useless:
        break;
    }
    return "the registry cannot conclude anything from this: it is unknown, or joined only now";
}

} // namespace

fencing_watch::fencing_watch(boost::asio::io_context& io, ports::membership_source& members,
                             ports::fencing_source& fencer, std::function<void(std::uint32_t)> dead)
    : members_(members), dead_(std::move(dead)), timer_(io) {
    fencer.watch_fencing([this](const std::string& node) { fenced(node); });
}

void fencing_watch::start(handler changed) {
    members_.start(
        [this, changed = std::move(changed)](std::shared_ptr<const model::membership> now) {
            proofs_.membership(now.get(), clock::now());
            tell();
            changed(std::move(now));
        });
}

void fencing_watch::stop() {
    timer_.cancel();
    members_.stop();
}

void fencing_watch::fenced(const std::string& node) {
    const auto verdict = proofs_.fenced(node, clock::now());
    log(log_level::info, "node " + node + " was fenced; " + explain(verdict));
    tell();
}

/// Again and again for as long as there is something to tell: who listens may see the node leave
/// later.
void fencing_watch::tell() {
    const auto now = clock::now();
    for (const std::uint32_t node : proofs_.proven(now))
        dead_(node);
    if (!proofs_.pending(now))
        return;
    timer_.expires_after(again);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error)
            tell();
    });
}

} // namespace bridge::daemon
