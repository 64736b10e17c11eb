// SPDX-License-Identifier: Apache-2.0
// What a validation never does, and what it leaves behind: nothing.
#include "tests/unit/sgpr_validate/fake_cluster.hpp"

#include "sgpr/commands.hpp"
#include "sgpr/validate/catalog.hpp"
#include "sgpr/validate/partition_table.hpp"
#include "sgpr/validate/report_output.hpp"
#include "sgpr/validate/wire.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace sgpr::validate::testing {
namespace {

void use(node_facts& is) {
    is.disks[0].in_use = {"mounted at /srv"};
}

TEST(ValidationSafety, SendsNothingThatChangesADiskInUse) {
    fake_cluster cluster(2);
    cluster.sources[1]->edit = use;
    bool changed = false;
    for (auto& one : cluster.sources) {
        one->wrong = [&](const command& sent, const auto& real) {
            changed = changed || is_write(sent) || sent.cdb.operation_code() == 0x5f;
            return real();
        };
    }
    const auto done = cluster.run_all();
    EXPECT_FALSE(changed);
    EXPECT_EQ(done.find("persistent-reservations", cluster.id())->what, verdict::not_applicable);
    EXPECT_EQ(done.find("device-identification", cluster.id())->what, verdict::passed);
}

TEST(ValidationSafety, TouchesADiskInUseThatWasNamed) {
    fake_cluster cluster(2);
    cluster.sources[1]->edit = use;
    cluster.what.i_know = {cluster.id()};
    EXPECT_EQ(cluster.run_one("persistent-reservations").what, verdict::passed);
}

TEST(ValidationSafety, LeavesNothingWhenItIsStoppedAtAnyCommand) {
    for (unsigned at = 1; at < 400; at += 7) {
        fake_cluster cluster(2);
        unsigned sent = 0;
        for (auto& one : cluster.sources) {
            one->wrong = [&](const command&, const auto& real) {
                if (++sent == at) {
                    cluster.stop.store(true);
                }
                return real();
            };
        }
        const auto done = cluster.run_all();
        EXPECT_TRUE(untouched_but_for_the_file(*cluster.disks[0])) << "stopped at command " << at;
        if (sent > at) {
            EXPECT_EQ(done.worst(), verdict::cancelled) << "stopped at command " << at;
        }
    }
}

TEST(ValidationSafety, LeavesNothingWhenAnAgentEnds) {
    {
        fake_cluster cluster(2);
        auto& disk = *cluster.disks[0];
        auto& agent = cluster.agent(0);
        request what{.what = verb::register_all, .disk = cluster.id(), .own = key(7)};
        ASSERT_TRUE(agent.perform(what).good());
        what.what = verb::write_sector;
        what.data = {1};
        ASSERT_TRUE(agent.perform(what).good());
        ASSERT_FALSE(untouched(disk));
        what = {.what = verb::clean_up};
        ASSERT_TRUE(agent.perform(what).good());
        EXPECT_TRUE(untouched(disk));
    }
}

TEST(ValidationSafety, WritesOnlySectorsThatAreZero) {
    fake_cluster cluster(1);
    virtual_clock time;
    const capacity size{.blocks = 4096, .block_size = 512};
    path on(cluster.disks[0]->open(0), time);
    const bytes full(512 * 100, 0xaa);
    for (std::uint64_t block = 34; block < 2034; block += 100) {
        ASSERT_TRUE(write_blocks(on, size, block, full));
    }
    const auto got = cluster.agent(0).perform({.what = verb::sectors, .disk = cluster.id()});
    ASSERT_TRUE(got.good());
    EXPECT_GE(got.numbers[0], 2034U);
    ASSERT_TRUE(write_blocks(on, size, 2034, bytes(512 * 128, 0xaa)));
    fake_cluster another(1);
    path again(another.disks[0]->open(0), time);
    for (std::uint64_t block = 34; block < 2134; block += 100) {
        ASSERT_TRUE(write_blocks(again, size, block, full));
    }
    const auto none = another.agent(0).perform({.what = verb::sectors, .disk = another.id()});
    ASSERT_TRUE(none.failed);
    EXPECT_EQ(none.failed->code, errc::no_space);
}

TEST(ValidationSafety, RefusesFileNamesThatLeaveTheVolume) {
    fake_cluster cluster(1);
    ASSERT_TRUE(cluster.agent(0).perform({.what = verb::online, .disk = cluster.id()}).good());
    for (const auto* name : {"../etc/passwd", "/etc/passwd", "", ".hidden", "a/b"}) {
        request what{.what = verb::write_file, .disk = cluster.id()};
        what.file = name;
        EXPECT_TRUE(cluster.agent(0).perform(what).failed) << name;
    }
}

TEST(PartitionTable, TrustsNothing) {
    bytes gpt(34 * 512);
    const std::string mark = "EFI PART";
    std::copy(mark.begin(), mark.end(), gpt.begin() + 512);
    EXPECT_GT(read_table(gpt, 512, 4096).gap.first, read_table(gpt, 512, 4096).gap.last);
    for (std::size_t i = 520; i < 700; ++i) {
        gpt[i] = 0xff;
    }
    const auto table = read_table(gpt, 512, 4096);
    EXPECT_EQ(table.style, partition_style::gpt);
    EXPECT_GT(table.gap.first, table.gap.last);
    EXPECT_EQ(read_table(bytes(3), 512, 4096).style, partition_style::raw);
}

TEST(PartitionTable, FindsTheGapOfAGptDiskWhoseUsableBlocksAreAligned) {
    bytes gpt(34 * 512);
    const std::string mark = "EFI PART";
    std::copy(mark.begin(), mark.end(), gpt.begin() + 512);
    const auto put = [&](std::size_t at, std::uint16_t value) {
        gpt[at] = static_cast<std::uint8_t>(value);
        gpt[at + 1] = static_cast<std::uint8_t>(value >> 8);
    };
    put(512 + 40, 2048); // first usable block
    put(512 + 72, 2);    // the entries
    put(512 + 80, 128);
    put(512 + 84, 128);
    put(1024, 1); // a type
    put(1024 + 32, 2048);
    const auto table = read_table(gpt, 512, 131072);
    EXPECT_EQ(table.gap.first, 34U);
    EXPECT_EQ(table.gap.last, 2047U);
}

TEST(PartitionTable, FindsTheGapOfAnMbrDisk) {
    bytes mbr(34 * 512);
    mbr[510] = 0x55;
    mbr[511] = 0xaa;
    mbr[440] = 0x12;
    mbr[446 + 4] = 0x83;
    mbr[446 + 9] = 0x08; // block 2048
    const auto table = read_table(mbr, 512, 4096);
    EXPECT_EQ(table.style, partition_style::mbr);
    EXPECT_EQ(table.signature, "00000012");
    EXPECT_EQ(table.gap.first, 1U);
    EXPECT_EQ(table.gap.last, 2047U);
}

TEST(ValidationWire, CarriesEveryVerbThere) {
    for (int i = 0; i < verb_count; ++i) {
        request what{.what = static_cast<verb>(i), .disk = "naa.1", .path = 3, .own = key(~0ULL)};
        what.data = {1, 2, 255};
        what.persist = true;
        auto line = encode(what);
        ASSERT_EQ(line.back(), '\n');
        line.pop_back();
        const auto read = decode_request(line);
        ASSERT_TRUE(read) << line;
        EXPECT_EQ(encode(*read), line + "\n");
    }
}

TEST(ValidationWire, CarriesAnswersThereAndBack) {
    fake_cluster cluster(1, 2);
    const auto id = cluster.id();
    auto& agent = cluster.agent(0);
    static_cast<void>(agent.perform({.what = verb::register_all, .disk = id, .own = key(9)}));
    static_cast<void>(agent.perform({.what = verb::reserve, .disk = id, .own = key(9)}));
    for (const auto what : {verb::describe, verb::picture, verb::full_status, verb::capabilities,
                            verb::registered, verb::sectors, verb::page, verb::attentions}) {
        auto line = encode(agent.perform({.what = what, .disk = id, .own = key(9), .page = 0x83}));
        line.pop_back();
        const auto read = decode_answer(line);
        ASSERT_TRUE(read);
        EXPECT_EQ(encode(*read), line + "\n");
    }
}

TEST(ValidationWire, SurvivesHostileLines) {
    const std::string nested(100'000, '[');
    for (const std::string& line :
         {std::string{}, std::string("[]"), std::string("{\"verb\":\"format\"}"), nested,
          std::string("{\"verb\":1}"), std::string("{\"verb\":\"page\""), std::string(1, '\0')}) {
        EXPECT_FALSE(decode_request(line));
    }
    EXPECT_FALSE(decode_answer(nested));
    const auto got =
        decode_answer(R"({"failed":{"code":9999,"sense_key":-1,"errno":1e300},)"
                      R"("ownership":77,"paths":[1,{"device":7}],"numbers":["x"],)"
                      R"("facts":{"disks":[{"block_size":4294967296,"id":"a\u0007"}]}})");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->ownership, ownership_state::none);
    EXPECT_EQ(got->facts->disks[0].block_size, 0U);
    EXPECT_EQ(got->facts->disks[0].id, "a?");
}

/// With CLUSBRIDGE_REPORT_FOLDER set the page is left there, to be looked at.
TEST(ValidationReport, ShowsEveryVerdictInWords) {
    fake_cluster cluster(2, 2, fake::profile::lio(), 3);
    cluster.sources[1]->wrong = [](const command& sent, const auto& real) {
        auto got = real();
        outcome good;
        return is_write(sent) && got.status == scsi_status::reservation_conflict ? good : got;
    };
    cluster.sources[0]->edit = [](node_facts& is) {
        is.disks[2].in_use = {"mounted at /srv"};
        is.disks[1].multipath = "mpathb";
        is.disks[1].queues_without_path = true;
    };
    const auto html = report_html(cluster.run_all());
    for (const auto* words : {"failed", "warning", "passed", "not applicable", "What to do."}) {
        EXPECT_NE(html.find(words), std::string::npos) << words;
    }
    if (const char* folder = std::getenv("CLUSBRIDGE_REPORT_FOLDER"); folder != nullptr) {
        std::ofstream(std::string(folder) + "/failures.html") << html;
    }
}

TEST(ValidationReport, EscapesWhatDevicesSay) {
    report what;
    what.nodes.push_back({.name = "<script>alert(1)</script>"});
    what.disks = {"\"><img src=x>\xff"};
    what.tests.push_back({"t", "T & T", "", false, true});
    what.results.push_back({.test = "t",
                            .disk = what.disks[0],
                            .what = verdict::failed,
                            .findings = {{verdict::failed, "<b>", "<i>"}}});
    const auto html = report_html(what);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_EQ(html.find("<img"), std::string::npos);
    EXPECT_EQ(html.find("<i>"), std::string::npos);
    EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
    EXPECT_EQ(html.find("http://"), std::string::npos);
    EXPECT_EQ(html.find("https://"), std::string::npos);
}

} // namespace
} // namespace sgpr::validate::testing
