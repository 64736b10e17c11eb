// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bridge::dcerpc {

struct interface;

/// An interface at a TCP port of this server.
struct endpoint {
    const interface* target = nullptr;
    std::uint16_t port = 0;
    std::string address; ///< listening address; "0.0.0.0" and "::" mean every one
};

/// What a server has carried since it started.
struct traffic {
    std::uint64_t calls_received = 0;
    std::uint64_t calls_sent = 0; ///< a server makes none
    std::uint64_t packets_received = 0;
    std::uint64_t packets_sent = 0;
};

/// What a server offers and where; the endpoint mapper and the management interface answer from it.
class endpoint_directory {
public:
    virtual ~endpoint_directory() = default;

    /// In the order in which they were added; the same for every call while the server serves.
    [[nodiscard]] virtual std::vector<endpoint> endpoints() const = 0;

    [[nodiscard]] virtual traffic statistics() const { return {}; }
};

} // namespace bridge::dcerpc
