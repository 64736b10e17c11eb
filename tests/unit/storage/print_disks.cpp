// SPDX-License-Identifier: Apache-2.0
// Prints what clusbridged would tell of this machine's disks, one line a disk or volume, and fails
// when the other nodes could not read it. For scripts under tests/disks.
#include "bridge/storage/disk_report.hpp"
#include "bridge/storage/machine_disks.hpp"

#include <cstdlib>
#include <iostream>

int main() {
    using namespace bridge;
    const auto all = storage::bounded(storage::read_machine_disks(sgpr::machine{}, {}));
    for (const model::disk& disk : all.disks) {
        std::cout << "disk " << disk.number << ' ' << disk.id << " bytes=" << disk.size
                  << " guid=" << disk.guid << " signature=" << disk.signature;
        for (const std::string& name : disk.names)
            std::cout << ' ' << name;
        std::cout << '\n';
        for (const model::disk_volume& volume : disk.volumes) {
            std::cout << "volume " << disk.number << '.' << volume.number << ' ' << volume.format
                      << " label=" << volume.label << " id=" << volume.id
                      << " bytes=" << volume.size << " free=" << (volume.free != 0 ? "yes" : "no")
                      << " damaged="
                      << (!volume.damaged   ? "unknown"
                          : *volume.damaged ? "yes"
                                            : "no");
            for (const std::string& point : volume.mount_points)
                std::cout << ' ' << point;
            std::cout << '\n';
        }
    }
    constexpr std::uint32_t node = 1;
    const auto again = storage::decode_report(storage::encode_report(node, all), node);
    return again && *again == all ? EXIT_SUCCESS : EXIT_FAILURE;
}
