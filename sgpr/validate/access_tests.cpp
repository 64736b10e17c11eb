// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/catalog.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace sgpr::validate {
namespace {

constexpr std::size_t samples = 50;
// A defence looks every 3 s and a command may take 3 s: a tenth of that is the end of comfort.
constexpr std::uint64_t slow_us = 300'000;
constexpr std::uint64_t too_slow_us = 3'000'000;

std::string milliseconds_text(std::uint64_t us) {
    const auto tenths = (us + 50) / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

struct measured {
    std::vector<std::uint64_t> us;
    [[nodiscard]] std::uint64_t at(std::size_t percent) {
        if (us.empty()) {
            return 0;
        }
        std::sort(us.begin(), us.end());
        return us[std::min(us.size() - 1, us.size() * percent / 100)];
    }
};

void judge(context& on, const std::string& what, measured& all) {
    const auto said = what + ": median " + milliseconds_text(all.at(50)) + ", 95 % within " +
                      milliseconds_text(all.at(95)) + ", longest " + milliseconds_text(all.at(100));
    if (all.at(100) >= too_slow_us) {
        on.failed(said + ". That is as long as an owner has to defend its disk.",
                  "Look for overloaded paths or controllers, failing disks and error handling in "
                  "the kernel's log; the cluster would lose its disks under load.");
    } else if (all.at(95) >= slow_us) {
        on.warning(said + ".", "Slow for shared storage; look for load on array and network.");
    } else {
        on.passed(said + ".");
    }
}

void access_latency(context& on) {
    const auto sectors = on.ask(0, {.what = verb::sectors});
    for (std::size_t n = 0; n < on.nodes() && !on.stopped(); ++n) {
        measured reads;
        measured writes;
        for (std::size_t i = 0; i < samples && sectors.good() && !on.stopped(); ++i) {
            const auto read = on.ask(n, {.what = verb::read_sector, .index = 1});
            const auto wrote = on.ask(
                n,
                {.what = verb::write_sector, .index = 1, .data = {static_cast<std::uint8_t>(i)}});
            if (!on.expect(read.good() && wrote.good(), "A read or a write failed.",
                           "See the evidence.")) {
                return;
            }
            reads.us.push_back(read.duration_us);
            writes.us.push_back(wrote.duration_us);
        }
        if (sectors.good()) {
            judge(on, "Reads from " + on.facts(n).name, reads);
            judge(on, "Writes from " + on.facts(n).name, writes);
            continue;
        }
        for (std::size_t i = 0; i < samples && !on.stopped(); ++i) {
            reads.us.push_back(on.ask(n, {.what = verb::picture}).duration_us);
        }
        judge(on, "Reading the reservation from " + on.facts(n).name, reads);
    }
}

bool supported(const std::string& type) {
    static constexpr std::array<std::string_view, 7> known = {"ext4",  "ext3", "xfs",  "ntfs",
                                                              "btrfs", "gfs2", "ocfs2"};
    return std::find(known.begin(), known.end(), type) != known.end();
}

void file_systems(context& on) {
    for (std::size_t n = 0; n < on.nodes(); ++n) {
        const auto* disk = on.disk(n);
        const auto* first = on.disk(0);
        if (disk == nullptr || first == nullptr) {
            continue;
        }
        bool same = disk->volumes.size() == first->volumes.size() && disk->style == first->style &&
                    disk->signature == first->signature;
        for (std::size_t i = 0; same && i < disk->volumes.size(); ++i) {
            same = disk->volumes[i].file_system == first->volumes[i].file_system;
        }
        on.expect(same,
                  "Node " + on.facts(n).name + " sees other partitions or file systems than " +
                      on.facts(0).name + ".",
                  "Let the nodes read the partition table again (partprobe); if they still differ, "
                  "they do not see the same disk.");
    }
    const auto* disk = on.disk(0);
    bool any = false;
    for (const auto& one : disk->volumes) {
        any = any || !one.file_system.empty();
        if (!one.file_system.empty() && !supported(one.file_system)) {
            on.warning("Volume " + std::to_string(one.number) + " has " + one.file_system +
                           ", which is no file system to fail over.",
                       "Use ext4 or xfs (NTFS for a Windows client).");
        }
    }
    if (!any) {
        on.not_applicable("The disk has no file system yet.");
    } else {
        on.passed("All nodes see the same partitions and file systems.");
    }
}

} // namespace

std::vector<test> access_tests() {
    return {
        {{"file-system", "File system",
          "All nodes see the same partitions with a file system that can be failed over.", false,
          true},
         1,
         file_systems},
        {{"access-latency", "Disk access latency",
          "Reads and writes of single sectors are fast enough to defend a disk.", true, true},
         1,
         access_latency},
    };
}

const std::vector<test>& catalog() {
    static const std::vector<test> all = [] {
        std::vector<test> made;
        for (auto part : {inventory_tests(), access_tests(), reservation_tests(), nexus_tests(),
                          ownership_tests()}) {
            made.insert(made.end(), part.begin(), part.end());
        }
        std::stable_sort(made.begin(), made.end(), [](const test& one, const test& other) {
            return one.info.changes < other.info.changes;
        });
        return made;
    }();
    return all;
}

} // namespace sgpr::validate
