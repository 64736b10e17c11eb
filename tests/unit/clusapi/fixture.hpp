// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/call.hpp"
#include "bridge/clusapi/method_row.hpp"
#include "bridge/clusapi/service.hpp"
#include "gen/clusapi3.hpp"
#include "tests/unit/clusapi/fake_registry.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace bridge::clusapi::test {

namespace wire = gen::clusapi3;

inline constexpr std::string_view web_id = "11111111-0000-0000-0000-000000000001";
inline constexpr std::string_view empty_id = "11111111-0000-0000-0000-000000000002";
inline constexpr std::string_view core_id = "11111111-0000-0000-0000-000000000003";
inline constexpr std::string_view ip_id = "22222222-0000-0000-0000-000000000001";
inline constexpr std::string_view disk_id = "22222222-0000-0000-0000-000000000002";
inline constexpr std::string_view site_id = "22222222-0000-0000-0000-000000000003";
inline constexpr std::string_view name_id = "22222222-0000-0000-0000-000000000004";
inline constexpr std::string_view network_id = "33333333-0000-0000-0000-000000000001";
inline constexpr std::string_view link1_id = "44444444-0000-0000-0000-000000000001";
inline constexpr std::string_view link2_id = "44444444-0000-0000-0000-000000000002";

/// Two nodes (the second down); group "Web" with address, disk and site, the site needing both;
/// group "Empty"; core group with the cluster name.
model::snapshot demo_snapshot();

/// A source whose state and snapshot a test sets.
class fake_source : public ports::snapshot_source {
public:
    model::snapshot_ptr shown = std::make_shared<const model::snapshot>(demo_snapshot());
    model::server_state now = model::server_state::read_write;

    [[nodiscard]] model::snapshot_ptr current() const override { return shown; }
    [[nodiscard]] model::server_state state() const override { return now; }
    [[nodiscard]] std::string local_node() const override { return "1"; }
};

/// Keeps what was reported.
class recording_observer : public observer {
public:
    struct entry {
        std::string method, object;
        win32::win32_error result;
        bool changing;
    };
    std::vector<entry> entries;

    void answered(const call_report& r) override {
        entries.push_back({std::string(r.method), std::string(r.object), r.result, r.changing});
    }
};

std::shared_ptr<const auth::identity> administrator();
std::shared_ptr<const auth::identity> backup_operator();
std::shared_ptr<const auth::identity> reader(); ///< S-1-5-21-1-2-3-1000, whom a test lets read
std::shared_ptr<const auth::identity> stranger();

/// A descriptor that lets Administrators do everything and `reader()` read.
std::shared_ptr<const win32::security_descriptor> descriptor_with_reader();

/// A client of one association group, and the server it talks to without a network.
class peer {
public:
    explicit peer(ndr::syntax form = ndr::syntax::ndr) : form_(form) {}

    /// One call; `fault` and `closed` tell what the runtime would do.
    template <class Method>
    typename Method::out ask(const typename Method::in& in) {
        ndr::writer w(form_);
        EXPECT_EQ(encode_in(w, in), ndr::errc::none);
        const dcerpc::response answer = send(Method::opnum, w.take());
        typename Method::out out;
        if (answer.status != dcerpc::fault::none)
            return out;
        ndr::reader r(answer.stub, form_);
        EXPECT_EQ(decode_out(r, in, out), ndr::errc::none);
        EXPECT_EQ(r.offset(), answer.stub.size());
        return out;
    }

    /// Runs the method to its end, also one that waits.
    dcerpc::response send(std::uint16_t opnum, std::vector<std::byte> stub);

    ndr::context_handle open_cluster();
    ndr::context_handle open_group(std::string_view name);
    ndr::context_handle open_resource(std::string_view name);
    ndr::context_handle open_node(std::string_view name);
    ndr::context_handle root_key(std::uint32_t rights = 0x02000000);

    fake_source source;
    fixed_security security{descriptor_with_reader()};
    fake_registry store;
    recording_observer reports;
    service server{source, security, store, {}, &reports};
    dcerpc::interface target = make_clusapi3_interface(server);
    dcerpc::handle_table handles{100};
    std::shared_ptr<const auth::identity> caller = administrator();
    dcerpc::fault fault = dcerpc::fault::none;
    bool closed = false;

private:
    ndr::syntax form_;
};

/// Runs a test in both transfer syntaxes.
class both_syntaxes : public ::testing::TestWithParam<ndr::syntax> {
protected:
    peer client{GetParam()};
};

inline std::u16string w(std::string_view text) {
    return win32::to_utf16(text);
}
inline std::string n(const std::optional<std::u16string>& text) {
    return text ? win32::to_utf8(*text) : std::string("<null>");
}
inline win32::win32_error code(std::uint32_t number) {
    return static_cast<win32::win32_error>(number);
}

/// "type:name" of every entry.
std::vector<std::string> lines(const std::optional<wire::ENUM_LIST>& list);

#define BOTH_SYNTAXES(suite)                                                                       \
    using suite = both_syntaxes;                                                                   \
    INSTANTIATE_TEST_SUITE_P(                                                                      \
        Syntaxes, suite, ::testing::Values(ndr::syntax::ndr, ndr::syntax::ndr64),                  \
        [](const auto& tested) { return tested.param == ndr::syntax::ndr ? "Ndr" : "Ndr64"; })

} // namespace bridge::clusapi::test
