// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/catalog.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace sgpr::validate {
namespace {

std::string listed(const std::vector<std::string>& all) {
    std::string said;
    for (const auto& one : all) {
        said += (said.empty() ? "" : ", ") + one;
    }
    return said;
}

std::set<std::string> all_ids(const context& on) {
    std::set<std::string> ids;
    for (std::size_t n = 0; n < on.nodes(); ++n) {
        for (const auto& one : on.facts(n).disks) {
            ids.insert(one.id);
        }
    }
    ids.erase("");
    return ids;
}

void list_disks(context& on) {
    for (std::size_t n = 0; n < on.nodes(); ++n) {
        const auto& facts = on.facts(n);
        for (const auto& why : facts.problems) {
            on.warning("Node " + facts.name + ": " + why + ".",
                       "Look at the kernel's log of the node; a disk that cannot be opened cannot "
                       "be tested.");
        }
        if (facts.disks.empty()) {
            on.failed("Node " + facts.name + " sees no SCSI disk.",
                      "Run as root; check zoning, iSCSI logins and the masking of the array.");
        } else {
            on.passed("Node " + facts.name + " sees " + std::to_string(facts.disks.size()) +
                      (facts.disks.size() == 1 ? " disk." : " disks."));
        }
    }
}

bool shareable(const disk_facts& disk) {
    return !disk.id.empty() && !disk.removable && disk.bus != "ATA" && disk.bus != "USB";
}

void list_potential(context& on) {
    std::size_t shared = 0;
    for (const auto& id : all_ids(on)) {
        std::vector<std::string> without;
        bool fit = true;
        for (std::size_t n = 0; n < on.nodes(); ++n) {
            const auto* disk = on.facts(n).find(id);
            if (disk == nullptr) {
                without.push_back(on.facts(n).name);
            } else {
                fit = fit && shareable(*disk);
            }
        }
        const bool local = without.size() + 1 == on.nodes();
        if (without.empty() && fit) {
            ++shared;
        } else if (!without.empty() && !local && fit) {
            on.warning("Disk " + id + " is not seen by " + listed(without) + ".",
                       "Present the disk to all nodes (zoning, masking, iSCSI login) or leave it "
                       "out of the cluster.");
        }
    }
    if (shared == 0) {
        on.failed("No disk is seen by all nodes.",
                  "Present the same logical unit to all nodes; compare the ids in the inventory.");
    } else {
        on.passed(shared == 1 ? "1 disk is seen by all nodes and is of a kind that can be shared."
                              : std::to_string(shared) +
                                    " disks are seen by all nodes and are of a kind that can be "
                                    "shared.");
    }
}

/// Disks of one node that claim to be the same, or paths that lead to different ones.
void duplicates_of(context& on, const node_facts& node, bool& any) {
    std::map<std::string, std::vector<std::string>> signatures;
    std::map<std::string, int> ids;
    for (const auto& disk : node.disks) {
        if (!disk.signature.empty()) {
            signatures[disk.signature].push_back(disk.id);
        }
        const bool second = !disk.id.empty() && ++ids[disk.id] == 2;
        any = any || second;
        if (second) {
            on.failed("Node " + node.name + " has two disks with the id " + disk.id + ".",
                      "Give every logical unit its own identifier on the array.");
        }
        const auto differs = [&](const path_facts& one) {
            return one.serial != disk.paths.front().serial ||
                   one.blocks != disk.paths.front().blocks;
        };
        if (!disk.paths.empty() && std::any_of(disk.paths.begin(), disk.paths.end(), differs)) {
            any = true;
            on.failed("Node " + node.name + ": paths to " + disk.id +
                          " show different serial numbers or sizes: two logical units have the "
                          "same identifier.",
                      "Do not use them: multipath would mix their data. Give every logical unit "
                      "its own identifier (with LIO: serials that differ in their first 25 "
                      "hexadecimal digits).");
        }
    }
    for (const auto& [signature, disks] : signatures) {
        if (disks.size() > 1) {
            any = true;
            on.warning("Node " + node.name + ": disks " + listed(disks) +
                           " have the same disk signature " + signature + ".",
                       "One is a clone or snapshot; give it a new GUID (sgdisk -G) before both are "
                       "used by one cluster.");
        }
    }
}

void duplicates(context& on) {
    bool any = false;
    for (std::size_t n = 0; n < on.nodes(); ++n) {
        duplicates_of(on, on.facts(n), any);
    }
    // The same id, but another disk, on two nodes.
    for (const auto& id : all_ids(on)) {
        const disk_facts* first = nullptr;
        for (std::size_t n = 0; n < on.nodes(); ++n) {
            const auto* disk = on.facts(n).find(id);
            if (disk != nullptr && first == nullptr) {
                first = disk;
            } else if (disk != nullptr &&
                       (disk->serial != first->serial || disk->blocks != first->blocks)) {
                any = true;
                on.failed("Disk " + id + " has another serial number or size on node " +
                              on.facts(n).name + ": two logical units share one identifier.",
                          "Give every logical unit its own identifier on the array.");
            }
        }
    }
    if (!any) {
        on.passed("Every disk has an identifier of its own.");
    }
}

void device_identification(context& on) {
    const disk_facts* first = nullptr;
    for (std::size_t n = 0; n < on.nodes(); ++n) {
        const auto page83 = on.ask(n, {.what = verb::page, .page = 0x83});
        on.expect(page83.good(),
                  "Node " + on.facts(n).name + " gets no device identification page (83h).",
                  "The disk cannot be used in a cluster: nodes could not tell which disk it is. "
                  "Ask the vendor for VPD page 83h with an NAA, EUI-64 or SCSI name designator.");
        const auto page80 = on.ask(n, {.what = verb::page, .page = 0x80});
        if (page80.failed && !on.stopped()) {
            on.warning("The disk has no serial number page (80h).",
                       "Not needed by the cluster, but inventories depend on it.");
        }
        const auto* disk = on.disk(n);
        if (disk == nullptr) {
            continue;
        }
        first = first == nullptr ? disk : first;
        on.expect(disk->designators == first->designators,
                  "Node " + on.facts(n).name + " is told other identifiers than " +
                      on.facts(0).name + ": " + listed(disk->designators) + " instead of " +
                      listed(first->designators) + ".",
                  "Present the disk alike to all nodes (same LUN settings of the host groups).");
        on.expect(disk->serial == first->serial,
                  "Node " + on.facts(n).name + " is told another serial number.",
                  "Present the disk alike to all nodes.");
    }
    if (first != nullptr) {
        on.passed("Identified as " + first->id + " everywhere; " +
                  std::to_string(first->designators.size()) + " designators name the unit.");
    }
}

void no_path_retry(context& on) {
    bool mapped = false;
    for (std::size_t n = 0; n < on.nodes(); ++n) {
        const auto* disk = on.disk(n);
        if (disk == nullptr || disk->multipath.empty()) {
            continue;
        }
        mapped = true;
        if (disk->queues_without_path) {
            on.failed("Node " + on.facts(n).name + ": map " + disk->multipath +
                          " queues I/O for ever when all paths are gone (no_path_retry queue).",
                      "Set \"no_path_retry fail\", or a number of retries, for this device in "
                      "/etc/multipath.conf: queued writes hide the loss of a disk and may reach it "
                      "after another node took it over.");
        }
    }
    if (!mapped) {
        on.not_applicable("No node uses dm-multipath for this disk.");
    } else {
        on.passed("Looked at the maps of all nodes.");
    }
}

void same_multipath_software(context& on) {
    for (std::size_t n = 1; n < on.nodes(); ++n) {
        if (on.facts(n).multipath != on.facts(0).multipath) {
            on.warning("Node " + on.facts(n).name + " has multipath-tools \"" +
                           on.facts(n).multipath + "\", node " + on.facts(0).name + " \"" +
                           on.facts(0).multipath + "\".",
                       "Install the same version on all nodes.");
        }
    }
}

/// What is written through one path is there on every other.
void same_medium(context& on, std::size_t node, std::size_t paths) {
    for (std::uint32_t from = 0; from < paths && !on.stopped(); ++from) {
        const bytes mark{0xcb, 0x57, static_cast<std::uint8_t>(node),
                         static_cast<std::uint8_t>(from + 1)};
        const auto wrote = on.ask(node, {.what = verb::write_sector, .path = from, .data = mark});
        on.expect(wrote.good(), "A path does not write.", "Repair or remove the path.");
        for (std::uint32_t to = 0; wrote.good() && to < paths; ++to) {
            const auto read = on.ask(node, {.what = verb::read_sector, .path = to});
            const bool same = read.good() && read.data.size() >= mark.size() &&
                              std::equal(mark.begin(), mark.end(), read.data.begin());
            on.expect(same, "What was written through one path is not there on another.",
                      "The paths lead to different units, or the array caches each controller on "
                      "its own: do not use the disk.");
        }
    }
}

void multipath_consistency(context& on) {
    same_multipath_software(on);
    bool several = false;
    for (std::size_t n = 0; n < on.nodes() && !on.stopped(); ++n) {
        const auto* disk = on.disk(n);
        const auto paths = disk == nullptr ? 0 : disk->paths.size();
        if (paths < 2) {
            continue;
        }
        several = true;
        if (disk->multipath.empty()) {
            on.warning("Node " + on.facts(n).name + " has " + std::to_string(paths) +
                           " paths to the disk, but no multipath map.",
                       "Configure multipathd for the disk, else one broken path loses it.");
        }
        for (std::uint32_t p = 0; p < paths; ++p) {
            const auto ready = on.ask(n, {.what = verb::ready, .path = p});
            on.expect(ready.good(), "A path of node " + on.facts(n).name + " does not work.",
                      "Repair the path, or remove it from the node.");
        }
        const auto sectors = on.ask(n, {.what = verb::sectors});
        if (sectors.failed) {
            on.warning("No sector to write to: " + text(*sectors.failed) + ".", "");
        } else {
            same_medium(on, n, paths);
        }
    }
    if (!several) {
        on.not_applicable("No node has more than one path to the disk.");
    } else {
        on.passed("All paths were tried one by one.");
    }
}

} // namespace

std::vector<test> inventory_tests() {
    return {
        {{"list-disks", "List disks", "Every node lists its disks with their ids, paths and use.",
          false, false},
         1,
         list_disks},
        {{"list-potential-cluster-disks", "List potential cluster disks",
          "Disks that all nodes see, on a bus that can be shared.", false, false},
         1,
         list_potential},
        {{"duplicate-identifiers", "Unique identifiers",
          "No two logical units have the same identifier, and no two disks the same signature.",
          false, false},
         1,
         duplicates},
        {{"device-identification", "Device identification",
          "VPD pages 80h and 83h are there and tell all nodes the same.", false, true},
         1,
         device_identification},
        {{"no-path-retry", "Multipath does not queue for ever",
          "I/O must fail when all paths are lost, so that a failover is noticed.", false, true},
         1,
         no_path_retry},
        {{"multipath-consistency", "Multipath consistency",
          "All paths work and lead to the same data; the nodes have the same software.", true,
          true},
         1,
         multipath_consistency},
    };
}

} // namespace sgpr::validate
