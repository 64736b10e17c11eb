// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/disks.hpp"

#include "sgpr/disk.hpp"
#include "sgpr/inventory.hpp"

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

/// The disks of this machine as the cluster speaks of them.
namespace bridge::storage {

/// Paths below /dev by the kernel's name of the device that they lead to.
using device_paths = std::map<std::string, std::vector<std::string>>;

/// Links in /dev/disk/by-* and /dev/mapper; `dev` is where /dev is. At most 4096 of a folder.
device_paths links_below(const std::filesystem::path& dev);

/// One disk as it is shown; `number` is for the caller to give. Text is cleaned, nothing is
/// shortened.
model::disk to_model(const sgpr::disk& found, const device_paths& paths);

/// Asks every disk anew: blocks, about 3 s for each command that a device does not answer. Once
/// `stop` is requested no further command is sent, and what comes is incomplete. Needs the right to
/// open the device nodes: devices that it may not open are not in the result.
model::node_disks read_machine_disks(const sgpr::machine& here, std::stop_token stop);

/// Changes when devices or mounts may have changed: cheap, asks no device.
std::string glance_at(const sgpr::machine& here);

} // namespace bridge::storage
