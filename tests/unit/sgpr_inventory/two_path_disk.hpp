// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/unit/sgpr_inventory/made_up_machine.hpp"

#include <string>

namespace sgpr::tests {

/// A machine with two paths (sda, sdb) to one disk that another machine (nexus `other`) sees too.
struct two_path_disk {
    explicit two_path_disk(fake::profile target = fake::profile::strict())
        : disk({.target = target}) {
        const auto one = disk.connect(sas_transport_id(0xa1), 1, "/dev/sg0");
        const auto two = disk.connect(sas_transport_id(0xa2), 2, "/dev/sg1");
        other = disk.connect(sas_transport_id(0xb1), 1, "other");
        here.add(
            {.block = "sda", .generic = "sg0", .address = "2:0:0:0", .unit = &disk, .nexus = one});
        here.add({.block = "sdb",
                  .generic = "sg1",
                  .address = "3:0:0:0",
                  .unit = &disk,
                  .nexus = two,
                  .above = "platform/host3"});
    }

    fake::disk disk;
    fake::nexus_number other = 0;
    made_up_machine here;
    virtual_clock time;
};

inline const std::string two_path_id = "naa.60014050000000000000000000000001";

} // namespace sgpr::tests
