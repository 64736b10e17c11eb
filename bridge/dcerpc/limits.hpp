// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bridge::dcerpc {

/// Every bound of the RPC runtime on what a peer may make it hold, do or wait for. One object a
/// server.
struct limits {
    // Connections.
    std::size_t connections = 2048;
    std::size_t connections_per_source = 128;
    /// At this number of connections without a proved identity the oldest of them is closed.
    std::size_t unauthenticated_connections = 512;

    // Time.
    std::chrono::seconds bind_time{
        15}; ///< from accept to the end of the bind; also for a later exchange
    std::chrono::seconds pdu_time{
        30}; ///< from the first byte of a PDU, or of a fragmented call, to its last
    std::chrono::seconds idle_time{0};   ///< without a call in progress; 0: for ever
    std::chrono::seconds write_time{30}; ///< without the peer taking a byte of what is to be sent

    // PDUs and calls.
    std::size_t control_pdu = 65535; ///< bind, alter_context, auth3: tokens with a PAC are large
    std::size_t fragment = 5840;     ///< request fragments, and what is offered for responses
    std::size_t smallest_fragment = 2048;
    std::size_t reassembly_call = 4U << 20;
    /// Of this, callers without identity may take a quarter.
    std::size_t reassembly_process = 128U << 20;
    std::size_t waiting_calls = 128;
    /// Sealed bytes waiting for the peer; above it nothing more is read from it.
    std::size_t output_backlog = 256U << 10;
    /// Answers of more than a fragment that wait for their peer; the first of a connection always
    /// may.
    std::size_t answers_connection = 32U << 20;
    std::size_t answers_process = 256U << 20;

    // Contexts.
    std::size_t auth_legs = 5;
    std::size_t security_contexts = 64;
    std::size_t presentation_contexts = 64;
    std::size_t handles_association = 16384;
    std::size_t handles_identity = 32768; ///< over all its associations
    std::size_t handles_process = 131072;

    // Authentication.
    std::size_t auth_in_flight = 64;
    std::size_t auth_in_flight_per_source = 8;
    /// Failures a source may have in a minute before its exchanges are refused unheard; 0: no
    /// limit.
    std::size_t auth_failures_per_minute = 10;
};

} // namespace bridge::dcerpc
