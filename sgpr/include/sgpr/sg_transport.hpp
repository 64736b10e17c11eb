// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/transport.hpp"

#include <filesystem>
#include <memory>
#include <optional>

namespace sgpr {

/// Opens a SCSI device through libsgutils2: /dev/sgN (needs no capability if its node may be read
/// and written), /dev/sdX or /dev/bsg/... `sysfs` is where the system describes its devices.
/// errc::gone: no such device; errc::system: os_error says why. A dm-multipath device is
/// errc::unsupported: a reservation through it would reach one path that nobody can name.
[[nodiscard]] result<std::unique_ptr<transport>>
open_sg(const std::filesystem::path& device, const std::filesystem::path& sysfs = "/sys");

/// The initiator port of the SCSI device at `device_folder` (such as
/// /sys/class/scsi_generic/sg3/device): iSCSI from its session (name and ISID), FC from its host,
/// SAS from the phys of its port, Linux' loopback target from that target's configuration. Nothing
/// where the system does not tell.
[[nodiscard]] std::optional<transport_id> initiator_of(const std::filesystem::path& device_folder,
                                                       const std::filesystem::path& sysfs = "/sys");

} // namespace sgpr
