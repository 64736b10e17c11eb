// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/runner.hpp"

#include "sgpr/validate/catalog.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace sgpr::validate {
namespace {

std::string utc_now() {
    const auto now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> room{};
    const auto size = std::strftime(room.data(), room.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {room.data(), size};
}

std::uint64_t milliseconds_since(const clock& time, time_point begin) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.now() - begin).count());
}

class run_of {
public:
    run_of(const plan& what, clock& time, const std::atomic<bool>& stop,
           const std::function<void(const progress&)>& tell)
        : plan_(what), time_(time), stop_(stop), tell_(tell) {}

    report carry_out(const std::vector<node_agent*>& agents);

private:
    void ask_nodes(const std::vector<node_agent*>& agents);
    void choose_disks();
    void run_one(const test& what, const std::string& disk);
    [[nodiscard]] std::string why_not(const test& what, const std::string& disk) const;
    [[nodiscard]] std::string in_use(const std::string& disk) const;
    void finish(test_result result);

    const plan& plan_;
    clock& time_;
    const std::atomic<bool>& stop_;
    const std::function<void(const progress&)>& tell_;
    std::vector<participant> nodes_;
    report report_;
    std::size_t done_ = 0;
    std::size_t of_ = 0;
};

void run_of::ask_nodes(const std::vector<node_agent*>& agents) {
    test_result result{.test = "nodes"};
    for (auto* agent : agents) {
        auto got = agent->perform({.what = verb::describe});
        if (got.failed || !got.facts) {
            const auto why = got.failed ? text(*got.failed) : "no answer";
            result.what = verdict::failed;
            result.findings.push_back(
                {verdict::failed, "Node " + agent->name() + " does not answer: " + why + ".",
                 "Check the command that reaches the node, and that the same version is installed "
                 "there."});
            continue;
        }
        report_.nodes.push_back(*got.facts);
        nodes_.push_back({agent, std::move(*got.facts)});
    }
    if (result.what == verdict::failed) {
        report_.tests.push_back({"nodes", "Nodes", "All nodes answer.", false, false});
        report_.results.push_back(std::move(result));
    }
}

void run_of::choose_disks() {
    if (!plan_.disks.empty()) {
        report_.disks = plan_.disks;
        return;
    }
    if (nodes_.empty()) {
        return;
    }
    for (const auto& one : nodes_.front().facts.disks) {
        const bool everywhere = std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
            return node.facts.find(one.id) != nullptr;
        });
        const bool known =
            std::find(report_.disks.begin(), report_.disks.end(), one.id) != report_.disks.end();
        if (everywhere && !one.id.empty() && !known) {
            report_.disks.push_back(one.id);
        }
    }
}

std::string run_of::in_use(const std::string& disk) const {
    if (plan_.i_know.contains(disk)) {
        return {};
    }
    for (const auto& node : nodes_) {
        const auto* facts = node.facts.find(disk);
        if (facts != nullptr && !facts->in_use.empty()) {
            return "Not touched, because it is in use on " + node.facts.name + ": " +
                   facts->in_use.front() + ".";
        }
    }
    return {};
}

std::string run_of::why_not(const test& what, const std::string& disk) const {
    if (nodes_.size() < what.min_nodes) {
        return "Needs " + std::to_string(what.min_nodes) + " nodes.";
    }
    if (!what.info.per_disk) {
        return {};
    }
    for (const auto& node : nodes_) {
        if (node.facts.find(disk) == nullptr) {
            return "Node " + node.facts.name + " does not see the disk.";
        }
    }
    return what.info.changes ? in_use(disk) : std::string{};
}

void run_of::finish(test_result result) {
    report_.results.push_back(std::move(result));
    ++done_;
    const auto& ended = report_.results.back();
    tell_({done_, of_, ended.test, ended.disk, &ended});
}

void run_of::run_one(const test& what, const std::string& disk) {
    test_result result{.test = what.info.id, .disk = disk, .what = verdict::not_applicable};
    if (stop_.load()) {
        result.what = verdict::cancelled;
        finish(std::move(result));
        return;
    }
    if (auto why = why_not(what, disk); !why.empty()) {
        result.findings.push_back({verdict::not_applicable, std::move(why), {}});
        finish(std::move(result));
        return;
    }
    tell_({done_, of_, what.info.id, disk, nullptr});
    const auto begin = time_.now();
    context on(nodes_, disk, time_, stop_, result);
    for (const auto& one : report_.disks) {
        if (in_use(one).empty()) {
            on.selected.push_back(one);
        }
    }
    what.run(on);
    if (what.info.changes && what.info.per_disk) {
        on.clean_up();
    }
    result.duration_ms = milliseconds_since(time_, begin);
    if (stop_.load() && result.what != verdict::failed) {
        result.what = verdict::cancelled;
    }
    if (result.what >= verdict::warning) {
        // "All was well" beside a failure would be a lie.
        std::erase_if(result.findings, [&](const finding& one) {
            return one.what == verdict::passed && result.what == verdict::failed &&
                   (what.info.per_disk || what.info.changes);
        });
    }
    finish(std::move(result));
}

report run_of::carry_out(const std::vector<node_agent*>& agents) {
    const auto begin = time_.now();
    report_.begun = utc_now();
    ask_nodes(agents);
    choose_disks();
    std::vector<const test*> wanted;
    for (const auto& one : catalog()) {
        if (plan_.only.empty() || plan_.only.contains(one.info.id)) {
            wanted.push_back(&one);
            report_.tests.push_back(one.info);
            of_ += one.info.per_disk ? report_.disks.size() : 1;
        }
    }
    for (const auto* one : wanted) {
        for (const auto& disk :
             one->info.per_disk ? report_.disks : std::vector<std::string>{std::string{}}) {
            run_one(*one, disk);
        }
    }
    for (auto& node : nodes_) {
        static_cast<void>(node.agent->perform({.what = verb::clean_up}));
    }
    report_.duration_ms = milliseconds_since(time_, begin);
    return std::move(report_);
}

} // namespace

report run(const std::vector<node_agent*>& agents, const plan& what, clock& time,
           const std::atomic<bool>& stop, const std::function<void(const progress&)>& tell) {
    return run_of(what, time, stop, tell).carry_out(agents);
}

} // namespace sgpr::validate
