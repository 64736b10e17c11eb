// SPDX-License-Identifier: Apache-2.0
// Which initiator port the system uses for a SCSI device: each transport class tells it elsewhere.
#include "sgpr/sg_transport.hpp"

#include "sgpr/src/sysfs.hpp"

#include <charconv>
#include <string_view>
#include <system_error>

namespace sgpr {
namespace {

namespace fs = std::filesystem;

/// The ISID as an attribute (offload drivers), else as open-iscsi makes it: its own 00023Dh and the
/// number of the session. (Tried with open-iscsi 2.1.8 over iscsi_tcp: also after a new login and
/// after iscsid was started anew.)
std::optional<std::uint64_t> isid_of(const fs::path& session, const std::string& name) {
    if (const auto told = read_attribute(session / "isid")) {
        return parse_address("0000" + *told);
    }
    std::uint32_t number = 0;
    const auto digits = name.substr(std::string_view("session").size());
    const auto* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc() || stopped != end || number > 0xffffff) {
        return std::nullopt;
    }
    constexpr std::uint64_t open_iscsi = 0x00023d;
    return open_iscsi << 24 | number;
}

/// .../hostN/sessionM/targetN:0:0/N:0:0:0: the session's attributes are in
/// sessionM/iscsi_session/sessionM.
std::optional<transport_id> of_iscsi_session(const fs::path& folder, const std::string& name) {
    const auto session = folder / "iscsi_session" / name;
    const auto initiator = read_attribute(session / "initiatorname");
    if (!initiator || initiator->empty() || initiator->size() > max_iscsi_name) {
        return std::nullopt;
    }
    const auto value = isid_of(session, name);
    if (!value) {
        return std::nullopt;
    }
    initiator_session wire{};
    for (std::size_t i = 0; i < wire.size(); ++i) {
        wire[i] = static_cast<std::uint8_t>(*value >> (8 * (wire.size() - 1 - i)));
    }
    return iscsi_transport_id(*initiator, wire);
}

std::optional<transport_id> of_fc_host(const fs::path& host, const std::string& name) {
    const auto port = read_attribute(host / "fc_host" / name / "port_name");
    const auto address = port ? parse_address(*port) : std::nullopt;
    return address ? std::optional(fibre_channel_transport_id(*address)) : std::nullopt;
}

/// hostN/port-N:M/...: the port's phys have the address; wide ports have several, all with the
/// same.
std::optional<transport_id> of_sas_port(const fs::path& port) {
    std::optional<std::uint64_t> found;
    for (const auto& name : folder_names(port)) {
        if (name.rfind("phy-", 0) != 0) {
            continue;
        }
        const auto text = read_attribute(port / name / "sas_phy" / name / "sas_address");
        const auto address = text ? parse_address(*text) : std::nullopt;
        if (!address || (found && *found != *address)) {
            return std::nullopt;
        }
        found = address;
    }
    return found ? std::optional(sas_transport_id(*found)) : std::nullopt;
}

/// What LIO makes of a nexus name of its loopback fabric: "naa." and SAS digits.
std::optional<transport_id> of_nexus_name(const std::string& name) {
    if (name.rfind("naa.", 0) != 0) {
        return std::nullopt;
    }
    const auto address = parse_address(name.substr(4, 16));
    return address ? std::optional(sas_transport_id(*address)) : std::nullopt;
}

/// The port group of the loopback target whose `address` is "HOST:CHANNEL:TARGET" of the device.
std::optional<transport_id> of_loopback(const fs::path& sysfs, const std::string& device) {
    const auto address = device.substr(0, device.rfind(':'));
    const auto all = sysfs / "kernel" / "config" / "target" / "loopback";
    for (const auto& target : folder_names(all)) {
        for (const auto& group : folder_names(all / target)) {
            const auto here = all / target / group;
            if (group.rfind("tpgt_", 0) != 0 || read_attribute(here / "address") != address) {
                continue;
            }
            const auto nexus = read_attribute(here / "nexus");
            return nexus ? of_nexus_name(*nexus) : std::nullopt;
        }
    }
    return std::nullopt;
}

bool begins(const std::string& text, const char* with) {
    return text.rfind(with, 0) == 0;
}

} // namespace

std::optional<transport_id> initiator_of(const fs::path& device_folder, const fs::path& sysfs) {
    std::error_code error;
    const auto device = fs::canonical(device_folder, error);
    if (error) {
        return std::nullopt;
    }
    // The nearest ancestor that tells; a port counts only directly under its host, others are an
    // expander's.
    for (auto here = device.parent_path(); here.has_relative_path(); here = here.parent_path()) {
        const auto name = here.filename().string();
        if (begins(name, "session")) {
            if (auto id = of_iscsi_session(here, name)) {
                return id;
            }
        } else if (begins(name, "port-") &&
                   begins(here.parent_path().filename().string(), "host")) {
            if (auto id = of_sas_port(here)) {
                return id;
            }
        } else if (begins(name, "host")) {
            if (auto id = of_fc_host(here, name)) {
                return id;
            }
        } else if (begins(name, "tcm_loop")) {
            return of_loopback(sysfs, device.filename().string());
        }
    }
    return std::nullopt;
}

} // namespace sgpr
