// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/history.hpp"
#include "bridge/registry/limits.hpp"
#include "bridge/registry/message_form.hpp"
#include "tests/unit/registry/sample_messages.hpp"

#include <gtest/gtest.h>

namespace registry_test {
namespace {

TEST(RegistryMessages, EachTypeSurvivesARoundTrip) {
    ASSERT_EQ(sample_bodies().size(), std::variant_size_v<message_body>);
    for (const message_body& body : sample_bodies()) {
        const auto bytes = encode(sample_header(), body);
        const auto m = decode(bytes);
        ASSERT_TRUE(m) << body.index();
        EXPECT_EQ(m->header, sample_header());
        EXPECT_EQ(m->body.index(), body.index());
        EXPECT_EQ(encode(m->header, m->body), bytes) << body.index();
    }
}

TEST(RegistryMessages, FieldsArriveAsTheyWereSent) {
    const auto state = decode(encode(sample_header(), sample_state()));
    EXPECT_EQ(std::get<state_message>(state->body), sample_state());
    const auto plan = decode(encode(sample_header(), sample_plan()));
    EXPECT_EQ(std::get<plan_message>(plan->body), sample_plan());
}

TEST(RegistryMessages, NothingShorterIsAccepted) {
    for (const message_body& body : sample_bodies()) {
        const auto bytes = encode(sample_header(), body);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            std::vector<std::byte> part(bytes.begin(),
                                        bytes.begin() + static_cast<std::ptrdiff_t>(size));
            EXPECT_FALSE(decode(part)) << body.index() << " " << size;
            if (size < form::header_bytes)
                continue;
            form::seal(part); // a liar's check sum is right
            EXPECT_FALSE(decode(part)) << body.index() << " " << size;
        }
    }
}

TEST(RegistryMessages, NothingLongerIsAccepted) {
    for (const message_body& body : sample_bodies()) {
        auto bytes = encode(sample_header(), body);
        bytes.push_back(std::byte{0});
        form::seal(bytes);
        EXPECT_FALSE(decode(bytes)) << body.index();
    }
}

TEST(RegistryMessages, EachFlippedBitIsNoticed) {
    for (const message_body& body : sample_bodies()) {
        const auto bytes = encode(sample_header(), body);
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            auto flipped = bytes;
            flipped[i] ^= std::byte{0x10};
            EXPECT_FALSE(decode(flipped)) << body.index() << " " << i;
        }
    }
}

TEST(RegistryMessages, ImpossibleValuesAreRefusedWithARightCheckSum) {
    const auto refused = [](const message_body& body, const message_header& h = sample_header()) {
        return !decode(encode(h, body));
    };
    state_message s = sample_state();
    s.core = {2, 1};
    EXPECT_TRUE(refused(s)) << "not sorted";
    s = sample_state();
    s.voters = {{1, filled<16>(1)}, {1, filled<16>(2)}};
    EXPECT_TRUE(refused(s)) << "a node votes twice";
    s = sample_state();
    s.installed.number = limits::epoch_number + 1;
    EXPECT_TRUE(refused(s)) << "a number that nobody can go beyond";
    sync_message y;
    for (std::uint32_t n = 0; n <= limits::members; ++n)
        y.view.push_back({n + 1, 1});
    EXPECT_TRUE(refused(y)) << "too many members";
    fetch_message f;
    f.samples.resize(limits::samples + 1);
    EXPECT_TRUE(refused(f));
    chunk_message c;
    c.data.resize(limits::chunk_bytes + 1);
    EXPECT_TRUE(refused(c));
    c.data.clear();
    c.total = limits::snapshot_bytes + 1;
    EXPECT_TRUE(refused(c));
    EXPECT_TRUE(refused(propose_message{{}, 0, body_of(limits::body_bytes + 1)}));
    message_header h = sample_header();
    h.sequence = 0;
    EXPECT_TRUE(refused(verify_message{}, h));
    h = sample_header();
    h.sender = 0;
    EXPECT_TRUE(refused(verify_message{}, h));
}

TEST(RegistryMessages, CountsDoNotMakeMemory) {
    auto bytes = encode(sample_header(), tail_message{});
    for (std::size_t i = bytes.size() - 4; i < bytes.size(); ++i)
        bytes[i] = std::byte{0xFF};
    form::seal(bytes);
    EXPECT_FALSE(decode(bytes));
}

TEST(RegistryMessages, TheLargestOperationFitsIntoEveryMessageThatCarriesIt) {
    const auto body = body_of(limits::body_bytes);
    EXPECT_LE(encode(sample_header(), propose_message{{1, {}, 1}, 0, body}).size(),
              max_message_bytes);
    tail_message t;
    t.entries.push_back(sample_entry(limits::body_bytes));
    EXPECT_LE(encode(sample_header(), t).size(), max_message_bytes);
}

TEST(RegistryHistory, HashesDependOnEverythingThatAnEntryMeans) {
    const log_entry e = sample_entry(10);
    const history_hash hash = extend({}, e);
    EXPECT_NE(hash, extend(filled<32>(1), e));
    const auto differs = [&](auto change) {
        log_entry other = e;
        change(other);
        return extend({}, other) != hash;
    };
    EXPECT_TRUE(differs([](log_entry& o) { ++o.epoch.number; }));
    EXPECT_TRUE(differs([](log_entry& o) { ++o.epoch.coordinator; }));
    EXPECT_TRUE(differs([](log_entry& o) { ++o.operation.sequence; }));
    EXPECT_TRUE(differs([](log_entry& o) { ++o.operation.node; }));
    EXPECT_TRUE(differs([](log_entry& o) { o.kind = 0; }));
    EXPECT_TRUE(differs([](log_entry& o) { o.body = body_of(10, 1); }));
}

} // namespace
} // namespace registry_test
