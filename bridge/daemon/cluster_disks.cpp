// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/cluster_disks.hpp"

#include "bridge/daemon/log.hpp"
#include "bridge/storage/disk_watch.hpp"
#include "bridge/storage/listed_disks.hpp"
#include "bridge/storage/machine_disks.hpp"
#include "bridge/storage/published_disks.hpp"

#include <string_view>
#include <utility>

namespace bridge::daemon {
namespace {

storage::disk_watch::settings reading_the_machine() {
    storage::disk_watch::settings s;
    s.read = [](std::stop_token stop) {
        return storage::read_machine_disks(sgpr::machine{}, std::move(stop));
    };
    s.glance = [] { return storage::glance_at(sgpr::machine{}); };
    return s;
}

std::unique_ptr<storage::listed_disks> listed(const disk_sources& from) {
    if (!from.file.empty())
        return std::make_unique<storage::listed_disks>(from.file);
    return from.machine ? nullptr : std::make_unique<storage::listed_disks>();
}

} // namespace

struct cluster_disks::parts {
    std::unique_ptr<storage::listed_disks> list; ///< null: the machine's
    std::unique_ptr<storage::published_disks> published;
    storage::disk_watch watch;

    parts(boost::asio::io_context& io, ports::peers& peers, const disk_sources& from)
        : list(listed(from)), watch(io, reading_the_machine()) {
        const auto say = [](std::string_view text) { log(log_level::warning, text); };
        if (!list)
            published = std::make_unique<storage::published_disks>(peers, say);
    }
};

cluster_disks::cluster_disks(boost::asio::io_context& io, ports::peers& peers,
                             const disk_sources& from)
    : parts_(std::make_unique<parts>(io, peers, from)) {}

cluster_disks::~cluster_disks() = default;

void cluster_disks::start() {
    if (!parts_->published)
        return;
    parts_->watch.start(
        [to = parts_->published.get()](std::shared_ptr<const model::node_disks> disks) {
            to->read(std::move(disks));
        });
}

void cluster_disks::stop() {
    parts_->watch.stop();
}

const ports::disks& cluster_disks::known() const {
    if (parts_->published)
        return *parts_->published;
    return *parts_->list;
}

} // namespace bridge::daemon
