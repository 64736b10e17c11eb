// SPDX-License-Identifier: Apache-2.0
#include "bridge/epm/endpoint_mapper.hpp"
#include "bridge/epm/management.hpp"

#include <gtest/gtest.h>

namespace bridge::epm {
namespace {

namespace wire = gen::epmapper;

constexpr dcerpc::syntax_id cluster_id{
    {0xb97db8b2, 0x4c63, 0x11cf, {0xbf, 0xf6, 0x08, 0x00, 0x2b, 0xe2, 0x3f, 0x2f}}, 3, 0};

struct fake_directory final : dcerpc::endpoint_directory {
    std::vector<dcerpc::endpoint> all;
    [[nodiscard]] std::vector<dcerpc::endpoint> endpoints() const override { return all; }
    [[nodiscard]] dcerpc::traffic statistics() const override { return {7, 0, 8, 9}; }
};

class Mapper : public testing::TestWithParam<ndr::syntax> {
protected:
    Mapper() {
        directory.all = {{&mapper.offered(), 135, "0.0.0.0"},
                         {&cluster, 49000, "0.0.0.0"},
                         {&cluster, 49001, "10.9.9.9"}};
    }

    template <class Method>
    typename Method::out ask(const dcerpc::interface& target, const typename Method::in& in) {
        ndr::writer w(GetParam());
        EXPECT_EQ(encode_in(w, in), ndr::errc::none);
        const auto stub = w.take();
        dcerpc::call c;
        c.syntax = GetParam() == ndr::syntax::ndr64 ? dcerpc::transfer_syntax::ndr64
                                                    : dcerpc::transfer_syntax::ndr;
        c.local_address = "10.0.0.1";
        c.local_port = 135;
        dcerpc::response answer;
        std::get<dcerpc::immediate_method>(target.methods[Method::opnum].run)(target.service, c,
                                                                              stub, answer);
        EXPECT_EQ(answer.status, dcerpc::fault::none);
        ndr::reader r(answer.stub, GetParam());
        typename Method::out out;
        EXPECT_EQ(decode_out(r, in, out), ndr::errc::none);
        return out;
    }

    static std::shared_ptr<wire::twr_t> tower_of(const tower& t) {
        auto octets = std::make_shared<wire::twr_t>();
        octets->tower_octet_string = encode(t);
        octets->tower_length = static_cast<std::uint32_t>(octets->tower_octet_string.size());
        return octets;
    }

    fake_directory directory;
    dcerpc::interface cluster {
        cluster_id, "clusapi", "Cluster", auth::protection_level::privacy, {}, nullptr
    };
    endpoint_mapper mapper{directory};
    management manager{directory, "host/node1"};
};
INSTANTIATE_TEST_SUITE_P(Syntaxes, Mapper, testing::Values(ndr::syntax::ndr, ndr::syntax::ndr64));

TEST_P(Mapper, AnswersPortAndTheAddressAskedAt) {
    wire::ept_map_in in;
    in.map_tower = tower_of({cluster_id, dcerpc::ndr_syntax, 135, {}});
    in.max_towers = 4;
    const auto out = ask<wire::ept_map>(mapper.offered(), in);
    EXPECT_EQ(out.status, 0U);
    ASSERT_EQ(out.num_towers, 1U);
    EXPECT_EQ(out.ITowers[0]->tower_length, 75U);
    const auto where = decode_tower(out.ITowers[0]->tower_octet_string);
    ASSERT_TRUE(where);
    EXPECT_EQ(where->port, 49000);
    EXPECT_EQ(out.ITowers[0]->tower_octet_string[71], std::byte{10});
}

TEST_P(Mapper, SaysWhenThereIsNone) {
    wire::ept_map_in in;
    in.max_towers = 4;
    EXPECT_EQ(ask<wire::ept_map>(mapper.offered(), in).status, status_not_registered);
    auto other = cluster_id;
    other.major_version = 2;
    in.map_tower = tower_of({other, dcerpc::ndr_syntax, 135, {}});
    const auto out = ask<wire::ept_map>(mapper.offered(), in);
    EXPECT_EQ(out.status, status_not_registered);
    EXPECT_EQ(out.num_towers, 0U);
}

TEST_P(Mapper, ListsItselfPageByPage) {
    wire::ept_lookup_in in;
    in.max_ents = 1;
    auto out = ask<wire::ept_lookup>(mapper.offered(), in);
    ASSERT_EQ(out.num_ents, 1U);
    EXPECT_EQ(out.entries[0].annotation, "Endpoint Mapper");
    in.entry_handle = out.entry_handle;
    out = ask<wire::ept_lookup>(mapper.offered(), in);
    ASSERT_EQ(out.num_ents, 1U);
    EXPECT_EQ(out.entries[0].annotation, "Cluster");
    in.entry_handle = out.entry_handle;
    out = ask<wire::ept_lookup>(mapper.offered(), in);
    EXPECT_EQ(out.status, status_not_registered);
    EXPECT_TRUE(out.entry_handle.is_null());
    in.entry_handle.uuid.data2 = 1;
    EXPECT_EQ(ask<wire::ept_lookup>(mapper.offered(), in).status, status_not_registered);
}

TEST_P(Mapper, SelectsByInterface) {
    wire::ept_lookup_in in;
    in.max_ents = 500;
    in.inquiry_type = 1;
    in.vers_option = 3;
    in.Ifid = std::make_shared<wire::RPC_IF_ID>(wire::RPC_IF_ID{cluster_id.uuid, 3, 0});
    EXPECT_EQ(ask<wire::ept_lookup>(mapper.offered(), in).num_ents, 1U);
    in.Ifid->VersMajor = 2;
    EXPECT_EQ(ask<wire::ept_lookup>(mapper.offered(), in).num_ents, 0U);
}

TEST_P(Mapper, TakesNothingFromOutside) {
    EXPECT_EQ(ask<wire::ept_insert>(mapper.offered(), {}).status, status_cannot_perform);
    EXPECT_EQ(ask<wire::ept_delete>(mapper.offered(), {}).status, status_cannot_perform);
    EXPECT_EQ(ask<wire::ept_mgmt_delete>(mapper.offered(), {}).status, status_cannot_perform);
    EXPECT_EQ(ask<wire::ept_lookup_handle_free>(mapper.offered(), {}).status, 0U);
}

TEST_P(Mapper, IsManaged) {
    namespace mgmt = gen::mgmt;
    const auto ids = ask<mgmt::rpc__mgmt_inq_if_ids>(manager.offered(), {});
    ASSERT_EQ(ids.if_id_vector->count, 1U);
    EXPECT_EQ(ids.if_id_vector->if_id[0]->Uuid, wire::interface_uuid);
    mgmt::rpc__mgmt_inq_stats_in stats;
    stats.count = 3;
    EXPECT_EQ(ask<mgmt::rpc__mgmt_inq_stats>(manager.offered(), stats).statistics,
              (std::vector<std::uint32_t>{7, 0, 8}));
    EXPECT_EQ(ask<mgmt::rpc__mgmt_is_server_listening>(manager.offered(), {}).result, 1U);
    EXPECT_EQ(ask<mgmt::rpc__mgmt_stop_server_listening>(manager.offered(), {}).status, 5U);
    mgmt::rpc__mgmt_inq_princ_name_in name;
    name.authn_proto = 16;
    name.princ_name_size = 11;
    EXPECT_EQ(ask<mgmt::rpc__mgmt_inq_princ_name>(manager.offered(), name).princ_name,
              "host/node1");
    name.princ_name_size = 10;
    EXPECT_NE(ask<mgmt::rpc__mgmt_inq_princ_name>(manager.offered(), name).status, 0U);
}

TEST(Tower, RefusesWhatIsCutOrOfAnotherProtocol) {
    const auto whole = encode({cluster_id, dcerpc::ndr_syntax, 0x1234, {1, 2, 3, 4}});
    ASSERT_EQ(whole.size(), 75U);
    ASSERT_TRUE(decode_tower(whole));
    EXPECT_EQ(decode_tower(whole)->port, 0x1234);
    for (std::size_t length = 0; length < 66; ++length) {
        EXPECT_FALSE(decode_tower(std::span(whole).first(length))) << length;
    }
    auto other = whole;
    other[54] = std::byte{0x0a};
    EXPECT_FALSE(decode_tower(other));
}

TEST(Ipv4Octets, ReadsDottedText) {
    EXPECT_EQ(ipv4_octets("192.0.2.255"), (std::array<std::uint8_t, 4>{192, 0, 2, 255}));
    for (const auto* text :
         {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "fe80::1", "1.2.3.", "a.b.c.d"}) {
        EXPECT_EQ(ipv4_octets(text), (std::array<std::uint8_t, 4>{})) << text;
    }
}

} // namespace
} // namespace bridge::epm
