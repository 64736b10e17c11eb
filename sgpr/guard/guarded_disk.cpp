// SPDX-License-Identifier: Apache-2.0
#include "sgpr/guard/guarded_disk.hpp"

#include "sgpr/bounded_transport.hpp"
#include "sgpr/ownership_timing.hpp"
#include "sgpr/sg_transport.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

namespace sgpr::guards {

namespace fs = std::filesystem;

namespace {

const fs::path blocks = "/sys/class/block";

std::string wwid_of(const fs::path& block) {
    std::ifstream in(block / "device/wwid");
    std::string text;
    std::getline(in, text);
    while (!text.empty() && text.back() == ' ')
        text.pop_back();
    return text;
}

/// Of a device, or of the first path of a multipath map.
std::string id_of_device(const fs::path& device) {
    std::error_code error;
    const fs::path block = blocks / fs::canonical(device, error).filename();
    if (error)
        return {};
    std::string id = wwid_of(block);
    for (fs::directory_iterator i(block / "slaves", error), end; id.empty() && !error && i != end;
         i.increment(error))
        id = wwid_of(i->path());
    return id;
}

bool named(const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

/// Whether the options let this node use that path.
bool wanted(const guard_options& options, const fs::path& block) {
    if (!options.only.empty() && !named(options.only, block.filename()))
        return false;
    if (options.initiators.empty())
        return true;
    const auto port = initiator_of(block / "device");
    return port &&
           (named(options.initiators, text(*port)) || named(options.initiators, port->iscsi_name));
}

} // namespace

disk_place find_disk(const guard_options& options) {
    disk_place found;
    found.id = options.disk.starts_with('/') ? id_of_device(options.disk) : options.disk;
    std::error_code error;
    for (fs::directory_iterator i(blocks, error), end; !error && i != end; i.increment(error))
        if (!found.id.empty() && wwid_of(i->path()) == found.id && wanted(options, i->path()))
            found.names.push_back(i->path().filename());
    std::sort(found.names.begin(), found.names.end());
    return found;
}

std::string disk_id(const std::string& name) {
    return wwid_of(blocks / name);
}

fs::path device_of(const std::string& name) {
    std::error_code error;
    fs::directory_iterator i(blocks / name / "device/scsi_generic", error);
    if (!error && i != fs::directory_iterator())
        return "/dev" / i->path().filename();
    return fs::path("/dev") / name;
}

std::unique_ptr<path> open_path(const fs::path& device, clock& time) {
    auto nexus = open_sg(device);
    if (!nexus)
        return nullptr;
    // A command that hangs in the kernel's error handling must not keep the others waiting.
    auto opened =
        std::make_unique<path>(std::make_unique<bounded_transport>(std::move(*nexus)), time);
    opened->limit(ownership_timing{}.command);
    return opened;
}

std::unique_ptr<logical_unit> open_disk(const disk_place& where, clock& time) {
    std::unique_ptr<logical_unit> unit;
    for (const std::string& name : where.names) {
        auto opened = open_path(device_of(name), time);
        if (!opened)
            continue;
        if (unit) {
            (void)unit->add_path(std::move(opened)); // another unit by its page 83: no path to this
            continue;
        }
        auto first = logical_unit::open(std::move(opened));
        if (first)
            unit = std::move(*first);
    }
    return unit;
}

fs::path socket_of(const guard_options& options, const std::string& id) {
    std::string name = id;
    // Guards of different sets of paths are different nodes of a test.
    for (const auto* list : {&options.only, &options.initiators})
        for (const std::string& each : *list)
            name += "+" + each;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '/' || c == ' '; }, '_');
    return options.run_folder / name.substr(0, 80);
}

} // namespace sgpr::guards
