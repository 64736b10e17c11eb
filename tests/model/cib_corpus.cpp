// SPDX-License-Identifier: Apache-2.0
// Properties that hold for every stored CIB and for random lives of a cluster.
#include "tests/model/large_cib.hpp"

#include "bridge/model/builder.hpp"
#include "bridge/model/diff.hpp"
#include "bridge/win32/upcase.hpp"
#include "xml/catalogue.hpp"
#include "xml/cib.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>

namespace {

using namespace bridge;

/// The stored CIBs, or those of the folder that CLUSBRIDGE_CIB_DIRECTORY names.
std::vector<std::string> corpus() {
    std::vector<std::string> texts;
    std::set<std::filesystem::path> paths;
    const char* elsewhere = std::getenv("CLUSBRIDGE_CIB_DIRECTORY");
    for (const auto& entry :
         std::filesystem::directory_iterator(elsewhere != nullptr ? elsewhere : CIB_DIRECTORY))
        if (entry.path().extension() == ".xml")
            paths.insert(entry.path());
    for (const auto& path : paths) {
        std::ifstream in(path, std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return texts;
}

model::builder_settings corpus_settings() {
    model::builder_settings made;
    made.cluster_id = *win32::parse_guid("11111111-2222-3333-4444-555555555555");
    made.cluster_name = "demo";
    return made;
}

std::shared_ptr<const model::type_list> types() {
    static const auto made = xml::catalogue::built_in().types({});
    return made;
}

void expect_same(const model::snapshot& a, const model::snapshot& b) {
    const auto difference = model::diff(a, b);
    EXPECT_TRUE(difference.empty());
    for (const auto& each : difference.resources.changes)
        ADD_FAILURE() << "resource " << (each.after ? each.after : each.before)->name;
    for (const auto& each : difference.groups.changes)
        ADD_FAILURE() << "group " << (each.after ? each.after : each.before)->name;
    EXPECT_TRUE(model::same_content(a, b));
}

TEST(StoredCib, OneBuilderThroughAllOfThemShowsWhatAFreshOneShows) {
    model::builder kept(corpus_settings());
    for (const auto& text : corpus()) {
        const auto document = xml::cib_document::parse(text);
        ASSERT_TRUE(document);
        for (const bool settled : {false, true, true, false}) {
            model::builder fresh(corpus_settings());
            const auto now = kept.build(document->facts(), nullptr, types(), settled);
            expect_same(*fresh.build(document->facts(), nullptr, types(), settled), *now);
        }
    }
}

using facts_ptr = std::shared_ptr<const model::cib_facts>;

/// The same CIB where a node's history has other operations; null: no such history any more.
facts_ptr with_history(const model::cib_facts& facts, std::size_t node, std::size_t place,
                       std::shared_ptr<const model::history_facts> history) {
    auto status = std::make_shared<model::node_status>(*facts.status[node]);
    if (history) {
        status->histories = status->histories.with(place, std::move(history));
    } else {
        std::vector<std::shared_ptr<const model::history_facts>> others;
        for (std::size_t i = 0; i < status->histories.size(); ++i)
            if (i != place)
                others.push_back(status->histories[i]);
        status->histories = model::fact_table<model::history_facts>(std::move(others));
    }
    auto made = std::make_shared<model::cib_facts>(facts);
    made->status = made->status.with(node, std::move(status));
    return made;
}

/// What may become of a history: it goes, its newest operation fails, all of it happened before.
std::vector<facts_ptr> variants(const model::cib_facts& facts, std::size_t node,
                                std::size_t place) {
    const auto& history = facts.status[node]->histories[place];
    std::vector<facts_ptr> made{with_history(facts, node, place, nullptr)};
    if (history->operations.empty())
        return made;
    auto failed = std::make_shared<model::history_facts>(*history);
    failed->operations.back().rc = 1;
    failed->operations.back().call_id += 1000;
    made.push_back(with_history(facts, node, place, failed));
    auto stopped = std::make_shared<model::history_facts>(*failed);
    auto& last = stopped->operations.back();
    last.operation = "stop";
    last.interval_ms = 0;
    last.rc = 0;
    last.expected_rc = 0;
    made.push_back(with_history(facts, node, place, stopped));
    auto empty = std::make_shared<model::history_facts>(*history);
    empty->operations.clear();
    made.push_back(with_history(facts, node, place, empty));
    return made;
}

TEST(StoredCib, WhateverBecomesOfOneHistoryAKeptBuilderShowsWhatAFreshOneShows) {
    for (const auto& text : corpus()) {
        const auto document = xml::cib_document::parse(text);
        ASSERT_TRUE(document);
        const auto facts = document->facts();
        model::builder kept(corpus_settings());
        std::int64_t now = 1700000000;
        kept.build(facts, nullptr, types(), true, now);
        for (std::size_t node = 0; node < facts->status.size(); ++node) {
            for (std::size_t i = 0; i < facts->status[node]->histories.size(); ++i) {
                for (const auto& variant : variants(*facts, node, i)) {
                    model::builder fresh(corpus_settings());
                    expect_same(*fresh.build(variant, nullptr, types(), true, now),
                                *kept.build(variant, nullptr, types(), true, now));
                    if (HasFailure())
                        FAIL() << facts->status[node]->uname << " "
                               << facts->status[node]->histories[i]->id << " in "
                               << text.substr(0, 300);
                }
                kept.build(facts, nullptr, types(), true, ++now);
            }
        }
    }
}

TEST(StoredCib, AsTimeGoesByAKeptBuilderShowsWhatAFreshOneShows) {
    for (const auto& text : corpus()) {
        const auto document = xml::cib_document::parse(text);
        ASSERT_TRUE(document);
        std::set<std::int64_t> moments{0, 4200000000};
        for (const auto& status : document->facts()->status)
            for (const auto& history : status->histories)
                for (const auto& op : history->operations)
                    for (const std::int64_t later : {1, 10, 30, 60, 61, 300, 600, 3600})
                        moments.insert(op.last_change + later);
        std::vector<std::int64_t> order(moments.begin(), moments.end());
        while (order.size() > 200)
            order.erase(order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2));
        order.push_back(1000000000); // the clock is set back
        model::builder kept(corpus_settings());
        for (const auto now : order) {
            model::builder fresh(corpus_settings());
            expect_same(*fresh.build(document->facts(), nullptr, types(), true, now),
                        *kept.build(document->facts(), nullptr, types(), true, now));
            if (HasFailure())
                FAIL() << "at " << now << " in " << text.substr(0, 300);
        }
    }
}

TEST(StoredCib, DifferenceLeadsFromAnySnapshotToAnyOther) {
    std::vector<model::snapshot_ptr> snapshots;
    for (const auto& text : corpus()) {
        model::builder build(corpus_settings());
        const auto document = xml::cib_document::parse(text);
        snapshots.push_back(build.build(document->facts(), nullptr, types(), true));
        snapshots.push_back(build.build(document->facts(), nullptr, types(), false));
    }
    for (const auto& from : snapshots)
        for (const auto& to : snapshots)
            ASSERT_TRUE(model::same_content(model::apply(*from, model::diff(*from, *to)), *to));
}

TEST(StoredCib, NamesAndIdsAreUniqueInEveryKind) {
    for (const auto& text : corpus()) {
        model::builder build(corpus_settings());
        const auto document = xml::cib_document::parse(text);
        const auto shown = build.build(document->facts(), nullptr, types(), true);
        const auto unique = [](const auto& objects) {
            std::set<std::string> taken;
            for (const auto& each : objects) {
                EXPECT_TRUE(taken.insert(win32::fold(each->id)).second) << each->id;
                EXPECT_TRUE(taken.insert(win32::fold(each->name)).second) << each->name;
            }
        };
        unique(shown->nodes);
        unique(shown->groups);
        unique(shown->resources);
        for (const auto& each : shown->resources)
            EXPECT_TRUE(shown->groups.find_id(each->group)) << each->name;
        for (const auto& each : shown->groups)
            EXPECT_TRUE(shown->nodes.find_id(each->owner)) << each->name;
    }
}

/// One event of a cluster's life as a patchset: an operation's result, a role, a failure counter, a
/// standby node.
class life {
public:
    life(std::size_t resources, unsigned seed) : resources_(resources), random_(seed) {}

    std::string next() {
        const auto before = version(updates_);
        ++updates_;
        return "<diff format='2'><version><source " + before + "/><target " + version(updates_) +
               "/></version><change operation='modify' path='/cib'><change-result><cib " +
               version(updates_) + " have-quorum='1' dc-uuid='1'/></change-result></change>" +
               event() + "</diff>";
    }

private:
    static std::string version(unsigned updates) {
        return "admin_epoch='0' epoch='1' num_updates='" + std::to_string(updates) + "'";
    }
    std::size_t pick(std::size_t below) { return random_() % below; }

    std::string event() {
        const auto id = std::string("r").append(std::to_string(pick(resources_)));
        const auto node = std::to_string(pick(3) + 1);
        const auto history = "/cib/status/node_state[@id=&apos;" + node + "&apos;]/lrm[@id=&apos;" +
                             node + "&apos;]/lrm_resources/lrm_resource[@id=&apos;" + id +
                             "&apos;]";
        const auto resource = "/cib/configuration/resources/primitive[@id=&apos;" + id + "&apos;]";
        switch (pick(5)) {
        case 0:
            return modify(history + "/lrm_rsc_op[@id=&apos;" + id + "_last_0&apos;]", result(id));
        case 1:
            if (!metas_.insert(id).second)
                return modify(resource + "/meta_attributes[@id=&apos;" + id +
                                  "-m&apos;]/nvpair[@id=&apos;" + id + "-t&apos;]",
                              role(id));
            return create(resource,
                          "<meta_attributes id='" + id + "-m'>" + role(id) + "</meta_attributes>");
        case 2:
            return "<change operation='move' path='" + resource + "' position='" +
                   std::to_string(pick(resources_)) + "'/>";
        case 3:
            if (!counted_.insert(node).second)
                return "";
            return create("/cib/status/node_state[@id=&apos;" + node + "&apos;]",
                          "<transient_attributes id='" + node + "'><instance_attributes id='s-" +
                              node + "'><nvpair id='f-" + node + "' name='fail-count-" + id +
                              "#monitor_10000' value='INFINITY'/></instance_attributes>"
                              "</transient_attributes>");
        default: {
            const auto added = "new" + std::to_string(updates_);
            return create("/cib/configuration/resources",
                          "<primitive id='" + added +
                              "' class='ocf' provider='pacemaker' type='Dummy'/>");
        }
        }
    }

    std::string result(const std::string& id) {
        static const char* const operations[] = {"start", "stop", "monitor", "promote"};
        static const char* const codes[] = {"0", "0", "7", "1"};
        static const char* const states[] = {"0", "0", "0", "-1"};
        return "<lrm_rsc_op id='" + id + "_last_0' operation='" + operations[pick(4)] +
               "' call-id='" + std::to_string(1000 + updates_) + "' rc-code='" + codes[pick(4)] +
               "' op-status='" + states[pick(4)] +
               "' interval='0' last-rc-change='1700000001' transition-key='1:1:0:x'/>";
    }
    std::string role(const std::string& id) {
        return "<nvpair id='" + id + "-t' name='target-role' value='" +
               (pick(2) == 0 ? "Stopped" : "Started") + "'/>";
    }
    static std::string modify(const std::string& path, const std::string& element) {
        return "<change operation='modify' path='" + path + "'><change-result>" + element +
               "</change-result></change>";
    }
    static std::string create(const std::string& path, const std::string& element) {
        return "<change operation='create' path='" + path + "' position='0'>" + element +
               "</change>";
    }

    std::size_t resources_;
    std::mt19937 random_;
    unsigned updates_ = 1;
    std::set<std::string> metas_;
    std::set<std::string> counted_;
};

TEST(ClusterLife, PatchedFactsAndSnapshotsAreThoseOfTheWholeDocument) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        auto document = xml::cib_document::parse(tests::large_cib(12));
        ASSERT_TRUE(document);
        model::builder kept(corpus_settings());
        life events(12, seed);
        for (int step = 0; step < 40; ++step) {
            ASSERT_EQ(document->apply_patchset(events.next()), xml::patch_result::ok)
                << "seed " << seed << " step " << step;
            const auto again = xml::cib_document::parse(document->text());
            ASSERT_TRUE(*again->facts() == *document->facts())
                << "seed " << seed << " step " << step;
            const bool settled = step % 3 != 0;
            model::builder fresh(corpus_settings());
            expect_same(*fresh.build(again->facts(), nullptr, types(), settled),
                        *kept.build(document->facts(), nullptr, types(), settled));
        }
    }
}

TEST(ClusterLife, ACibReadAnewSharesTheSnapshotsObjects) {
    const auto text = tests::large_cib(30);
    model::builder build(corpus_settings());
    const auto before =
        build.build(xml::cib_document::parse(text)->facts(), nullptr, types(), true);
    const auto after = build.build(xml::cib_document::parse(text)->facts(), nullptr, types(), true);
    for (std::size_t i = 0; i < before->resources.size(); ++i)
        EXPECT_EQ(before->resources[i], after->resources[i]);
    for (std::size_t i = 0; i < before->groups.size(); ++i)
        EXPECT_EQ(before->groups[i], after->groups[i]);
}

TEST(ClusterLife, OneChangedResourceOfAThousandSharesAllOthers) {
    auto document = xml::cib_document::parse(tests::large_cib(1000));
    ASSERT_TRUE(document);
    model::builder build(corpus_settings());
    const auto before = build.build(document->facts(), nullptr, types(), true);
    ASSERT_EQ(before->resources.size(), 1002U);
    double worst_ms = 0;
    double total_ms = 0;
    auto last = before;
    constexpr int rounds = 200;
    for (int i = 0; i < rounds; ++i) {
        const auto patch =
            tests::stop_patch(static_cast<std::size_t>(i) * 3, static_cast<std::size_t>(i) + 1);
        const auto start = std::chrono::steady_clock::now();
        ASSERT_EQ(document->apply_patchset(patch), xml::patch_result::ok);
        const auto now = build.build(document->facts(), nullptr, types(), true);
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - start;
        worst_ms = std::max(worst_ms, took.count());
        total_ms += took.count();
        std::size_t others = 0;
        for (std::size_t j = 0; j < now->resources.size(); ++j)
            others += now->resources[j] != last->resources[j] ? 1 : 0;
        ASSERT_EQ(others, 1U);
        last = now;
    }
    RecordProperty("mean_us", static_cast<int>(total_ms * 1000 / rounds));
    std::printf("patchset and snapshot: mean %.3f ms, worst %.3f ms\n", total_ms / rounds,
                worst_ms);
}

} // namespace
