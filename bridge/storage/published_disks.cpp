// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage/published_disks.hpp"

#include "bridge/storage/disk_report.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace bridge::storage {

published_disks::published_disks(ports::peers& peers, log_function log)
    : peers_(peers), log_(std::move(log)) {
    ports::peers::listener calls;
    calls.opened = [this](ports::peer self) { opened(self); };
    calls.closed = [this] { closed(); };
    calls.changed = [this](const ports::peer_view& view) { changed(view); };
    calls.received = [this](ports::peer from, std::span<const std::byte> body) {
        received(from, body);
    };
    peers_.listen(ports::channel::disks, std::move(calls));
}

void published_disks::read(std::shared_ptr<const model::node_disks> local) {
    auto fitting = std::make_shared<const model::node_disks>(bounded(*local));
    if (fitting->disks.size() < local->disks.size())
        log_("more disks than are told to the other nodes: " +
             std::to_string(local->disks.size() - fitting->disks.size()) + " are left out");
    if (!local_ || *local_ != *fitting)
        told_ = false;
    local_ = std::move(fitting);
    publish();
}

std::shared_ptr<const model::node_disks> published_disks::of(std::string_view node) const {
    std::uint32_t number = 0;
    const auto* end = node.data() + node.size();
    if (std::from_chars(node.data(), end, number).ptr != end)
        return nullptr;
    if (here_ == number)
        return local_;
    const auto known = others_.find(number);
    return known == others_.end() ? nullptr : known->second;
}

void published_disks::opened(ports::peer self) {
    here_ = self.node;
    told_ = false;
    publish();
}

/// What the others said gets old from now on.
void published_disks::closed() {
    here_.reset();
    others_.clear();
}

void published_disks::changed(const ports::peer_view& view) {
    std::erase_if(others_, [&view](const auto& known) {
        return std::ranges::none_of(
            view.members, [&known](const ports::peer& p) { return p.node == known.first; });
    });
    // Who has just come knows nothing yet.
    if (!view.joined.empty())
        told_ = false;
    publish();
}

void published_disks::received(ports::peer from, std::span<const std::byte> body) {
    if (here_ == from.node)
        return;
    auto report = decode_report(body, from.node);
    if (!report) {
        log_("what node " + std::to_string(from.node) + " tells of its disks is malformed");
        return;
    }
    others_[from.node] = std::make_shared<const model::node_disks>(std::move(*report));
}

/// What is refused is sent with the next reading.
void published_disks::publish() {
    if (here_ && local_ && !told_)
        told_ = peers_.send(ports::channel::disks, encode_report(*here_, *local_));
}

} // namespace bridge::storage
