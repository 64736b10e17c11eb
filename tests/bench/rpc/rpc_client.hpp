// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/security_initiator.hpp"
#include "bridge/dcerpc/syntax.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bridge::bench {

/// What a connection of the load client asks for.
struct target {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    dcerpc::syntax_id interface;
    std::uint16_t opnum = 0;
    std::vector<std::byte> stub;
    /// Opnum of a call without arguments that is made once and whose context handle then stands
    /// before `stub`.
    std::optional<std::uint16_t> opener;
    auth::mechanism mechanism = auth::mechanism::none; ///< none: no authentication at all
    auth::client_credentials credentials;
    bool no_delay = true; ///< false: as a client that leaves Nagle's algorithm on
};

/// One connection with one call in flight at a time; sealed unless the mechanism is none. Throws
/// std::runtime_error on anything unexpected. Far too trusting for anything but a server of one's
/// own.
class rpc_client {
public:
    /// Connects, binds and authenticates; blocks.
    explicit rpc_client(const target& to);
    ~rpc_client();
    rpc_client(const rpc_client&) = delete;
    rpc_client& operator=(const rpc_client&) = delete;

    [[nodiscard]] int fd() const { return fd_; }

    /// Sends the request.
    void send();

    /// Reads what has come. True when the response to the last request is complete; `reply_size`
    /// counts its stub.
    bool receive();

    /// Waits for a whole response.
    void call();

    /// Another call than the target's: its response's stub, valid until the next call. The request
    /// has to fit into one fragment, max_request bytes.
    std::span<const std::byte> call(std::uint16_t opnum, std::span<const std::byte> stub);
    static constexpr std::size_t max_request = 5700;

    [[nodiscard]] std::size_t reply_size() const { return reply_size_; }

private:
    void bind();
    void open_handle();
    void wait();
    void send(std::uint16_t opnum, std::span<const std::byte> stub);
    std::vector<std::byte> read_pdu();
    void write_all(std::span<const std::byte> bytes) const;
    bool take_fragment(std::span<std::byte> pdu);

    const target& to_;
    std::vector<std::byte> stub_; // of every request
    int fd_ = -1;
    std::unique_ptr<auth::security_initiator> security_;
    std::uint32_t call_id_ = 1;
    std::vector<std::byte> reply_; // the stub so far, if it is wanted
    bool keep_reply_ = false;
    std::vector<std::byte> out_;
    std::vector<std::byte> in_;
    std::size_t filled_ = 0;
    std::size_t reply_size_ = 0;
};

} // namespace bridge::bench
