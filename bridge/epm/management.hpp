// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/endpoint_directory.hpp"
#include "bridge/dcerpc/service.hpp"
#include "gen/mgmt.hpp"

#include <string>

namespace bridge::epm {

/// The remote management interface (C706 Appendix Q) that every DCE/RPC server answers, on every
/// port: what is served here, some numbers, that it listens. It cannot be told to stop.
class management {
public:
    /// `directory` outlives this. `principal` is what rpc_mgmt_inq_server_princ_name answers;
    /// empty: it has none.
    management(const dcerpc::endpoint_directory& directory, std::string principal);
    management(const management&) = delete;
    management& operator=(const management&) = delete;

    /// To be offered on all ports; lives as long as this.
    [[nodiscard]] const dcerpc::interface& offered() const { return interface_; }

private:
    void inq_if_ids(const dcerpc::call& c, const gen::mgmt::rpc__mgmt_inq_if_ids_in& in,
                    gen::mgmt::rpc__mgmt_inq_if_ids_out& out);
    void inq_stats(const dcerpc::call& c, const gen::mgmt::rpc__mgmt_inq_stats_in& in,
                   gen::mgmt::rpc__mgmt_inq_stats_out& out);
    void is_listening(const dcerpc::call& c, const gen::mgmt::rpc__mgmt_is_server_listening_in& in,
                      gen::mgmt::rpc__mgmt_is_server_listening_out& out);
    void stop_listening(const dcerpc::call& c,
                        const gen::mgmt::rpc__mgmt_stop_server_listening_in& in,
                        gen::mgmt::rpc__mgmt_stop_server_listening_out& out);
    void inq_princ_name(const dcerpc::call& c, const gen::mgmt::rpc__mgmt_inq_princ_name_in& in,
                        gen::mgmt::rpc__mgmt_inq_princ_name_out& out);

    const dcerpc::endpoint_directory& directory_;
    std::string principal_;
    dcerpc::interface interface_;
};

} // namespace bridge::epm
