// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bridge::corosync {

/// An address of this node's kernel.
struct local_address {
    std::string address; ///< text form
    std::uint8_t prefix_length = 0;
    std::string interface_name;
    std::string friendly_name; ///< the interface's alias, else its name
    bool dynamic = false;      ///< has a lifetime: came from DHCP or an advertisement

    bool operator==(const local_address&) const = default;
};

inline constexpr std::size_t max_local_addresses = 1024;

/// All addresses of this network namespace; empty when the kernel cannot be asked. Takes
/// microseconds.
std::vector<local_address> local_addresses();

} // namespace bridge::corosync
