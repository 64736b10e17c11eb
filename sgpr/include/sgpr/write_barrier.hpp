// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

/// Keeps this host from writing to a disk that it does not own.
namespace sgpr {

/// What a barrier did; `failures` are for people, empty when everything was done.
struct barrier_report {
    unsigned devices = 0;
    unsigned file_systems = 0;
    std::vector<std::string> failures;
};

class write_barrier {
public:
    virtual ~write_barrier() = default;

    /// The disk and everything above it becomes read-only. Never blocks on the disk.
    virtual barrier_report forbid_writes() = 0;

    /// Mounted file systems stop at once, without writing their journals: whoever owns the disk now
    /// may be writing already, and replays the journal.
    virtual barrier_report shut_down_file_systems() = 0;

    /// The disk's own devices may be written again; file systems that were shut down stay so.
    virtual barrier_report allow_writes() = 0;

    /// Where file systems of the disk are mounted.
    [[nodiscard]] virtual std::vector<std::string> in_use() = 0;
};

struct host_barrier_settings {
    std::vector<std::string> disks{}; ///< kernel names of every path: "sda", "sdc"
    /// Asked at each call instead, in the deadman's process too: paths come and go, and their names
    /// become those of other disks. Sends nothing to a disk. May be empty.
    std::function<std::vector<std::string>()> find{};
    std::filesystem::path sysfs = "/sys";
    std::filesystem::path devices = "/dev";
    std::filesystem::path mountinfo = "/proc/self/mountinfo";
};

/// The barrier of a real host: BLKROSET on the disks, then on what is built upon them; then
/// FS_IOC_SHUTDOWN of ext4 and xfs (other types are reported as a failure: only the target's
/// refusal stops them). What lies on the disk is looked up anew at each call.
///
/// BLKROSET refuses new opens for writing and writes through the device file. Kernels up to 6.x let
/// the bios of a mounted file system through with a warning, so the shutdown is no luxury. File
/// systems mounted in other mount namespaces only are not seen.
///
/// Opens device nodes and mount points at the call and keeps none, so that it never keeps a volume
/// from being deactivated or unmounted.
class host_barrier final : public write_barrier {
public:
    explicit host_barrier(host_barrier_settings settings);

    barrier_report forbid_writes() override;
    barrier_report shut_down_file_systems() override;
    barrier_report allow_writes() override;
    std::vector<std::string> in_use() override;

private:
    barrier_report set_read_only(bool read_only);
    [[nodiscard]] std::vector<std::string> disks() const;

    host_barrier_settings settings_;
};

} // namespace sgpr
