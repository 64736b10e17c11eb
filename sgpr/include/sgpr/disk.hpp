// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/commands.hpp"
#include "sgpr/verified.hpp"
#include "sgpr/vpd.hpp"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A disk of this machine as inventory.hpp finds it: plain values.
namespace sgpr {

/// How the disk is attached.
enum class bus_type {
    unknown,
    scsi, ///< parallel SCSI, virtio-scsi
    fibre_channel,
    iscsi,
    sas,
    ata,
    usb,
    virtio, ///< virtio-blk: no SCSI commands
    nvme,
};

/// "iSCSI"
[[nodiscard]] std::string_view text(bus_type bus);

enum class partition_style {
    unknown, ///< nobody could look
    none,    ///< no partition table
    mbr,
    gpt,
};

/// "MBR"
[[nodiscard]] std::string_view text(partition_style style);

/// What is true of a disk and matters for sharing it (MS-CSVP 2.2.1.2, DISK_PROPS flags).
enum class disk_flag {
    boot,                ///< the system starts from it: /boot, /boot/efi
    system,              ///< the system runs from it: /, /usr
    pagefile,            ///< swap space is on it
    hibernate,           ///< the system sleeps to it
    crash_dump,          ///< a crashed kernel is written to it
    removable,           ///< the medium can be taken out
    no_reservations,     ///< no persistent reservations of type 5
    unsupported_bus,     ///< its bus cannot be shared
    system_bus,          ///< on the same adapter as a disk with `system`
    dynamic,             ///< a member of LVM, md or Windows' dynamic disks
    unreadable,          ///< its first block cannot be read, for another reason than a reservation
    multipath,           ///< a dm-multipath map holds it
    clustered_elsewhere, ///< reserved by another machine, or with a lease area: SBD, sanlock
    redundant,           ///< several paths and no map over all of them
    failing_io,          ///< reading answers medium or hardware errors
    no_page_83,          ///< names no logical unit: its paths cannot be told from other disks
    collision,           ///< one name, but the paths disagree about serial number or size
    read_only,           ///< the device is write-protected
    mounted,             ///< a file system of it is mounted here
};
inline constexpr std::size_t disk_flag_count = static_cast<std::size_t>(disk_flag::mounted) + 1;

/// Short name, as in tables and JSON: "clustered-elsewhere".
[[nodiscard]] std::string_view text(disk_flag flag);
/// For people: "a file system of it is mounted here".
[[nodiscard]] std::string_view explanation(disk_flag flag);

class disk_flags {
public:
    void add(disk_flag flag) { set_.set(static_cast<std::size_t>(flag)); }
    void add_if(bool condition, disk_flag flag) {
        if (condition)
            add(flag);
    }
    [[nodiscard]] bool has(disk_flag flag) const {
        return set_.test(static_cast<std::size_t>(flag));
    }
    /// In the order of the enumeration.
    [[nodiscard]] std::vector<disk_flag> all() const;
    /// Those that keep a disk from being a cluster's disk, in the same order.
    [[nodiscard]] std::vector<disk_flag> obstacles() const;

    friend bool operator==(const disk_flags&, const disk_flags&) = default;

private:
    std::bitset<disk_flag_count> set_;
};

/// HOST:CHANNEL:TARGET:UNIT as the kernel numbers them.
struct scsi_address {
    std::uint32_t host = 0;
    std::uint32_t channel = 0;
    std::uint32_t target = 0;
    std::uint64_t unit = 0;

    friend bool operator==(const scsi_address&, const scsi_address&) = default;
};

/// Nothing if `written` is anything else.
[[nodiscard]] std::optional<scsi_address> parse_scsi_address(std::string_view written);
[[nodiscard]] std::string text(const scsi_address& address);

/// One way to a disk: one device of the kernel.
struct disk_path {
    std::string block{};                   ///< "sda"; empty: the disk driver is not on it
    std::string generic{};                 ///< "sg3"; empty: the generic driver is not on it
    std::optional<scsi_address> address{}; ///< nothing: not a SCSI device
    std::filesystem::path node{};          ///< what commands go through: "/dev/sg3"
    std::string state{}; ///< the kernel's word: "running", "offline"; may be empty
    bool live = false;   ///< it answered, or nobody asked and it is "running"
    bool in_map = false; ///< of the disk's multipath map
    std::optional<transport_id> initiator{};    ///< our port
    std::optional<std::uint16_t> target_port{}; ///< relative identifier of the target's port
    std::optional<failure> problem{};           ///< why it did not answer
};

/// A dm-multipath map.
struct multipath_map {
    std::string name{};                ///< "dm-0"
    std::string alias{};               ///< "mpatha", as in /dev/mapper
    std::vector<std::string> slaves{}; ///< block names
};

/// What is written on a disk, as far as it says whose it is.
struct disk_content {
    partition_style style = partition_style::unknown;
    std::optional<std::uint32_t> signature{}; ///< MBR; nothing where it is 0
    std::string guid{};                       ///< GPT: 36 lower-case characters
    std::size_t partitions = 0;
    std::vector<std::string> formats{}; ///< of the whole disk and of its partitions: "ext4",
                                        ///< "LVM2_member", "sbd"; each once, sorted
};

/// A part of a disk that can hold a file system: a partition, or the whole disk where it has a
/// format and no partition table.
struct disk_volume {
    std::uint32_t number = 0; ///< of the partition; 1 for the whole disk
    std::string block{};      ///< "sda1"; empty: the kernel has no device for it
    std::uint64_t offset = 0; ///< bytes from the disk's beginning
    std::uint64_t length = 0; ///< bytes
    std::string id{};         ///< libblkid's PARTUUID; empty for a whole disk
    std::string format{};     ///< libblkid's word: "ext4", "LVM2_member"; empty: none that it knows
    std::string version{};    ///< of the format: "FAT32"
    bool file_system = false; ///< the format is one
    std::string label{};      ///< bytes as they are on the disk
    std::string uuid{};
    /// The file system itself says that it has errors; nothing: its kind does not tell, or nobody
    /// could look.
    std::optional<bool> damaged{};
    std::vector<std::string> mount_points{}; ///< of it and of everything built on it
};

/// One logical unit, or one disk that names none.
struct disk {
    std::optional<unit_identity> identity{};
    std::vector<disk_path> paths{}; ///< never empty, by kernel name
    std::optional<multipath_map> map{};
    std::string vendor{};
    std::string product{};
    std::string revision{};
    std::string serial{}; ///< VPD page 80h, or what the kernel says of disks without SCSI
    std::vector<designator> designators{}; ///< page 83h as the first path that answers sends it
    bus_type bus = bus_type::unknown;
    std::string adapter{}; ///< at most 259 characters
    std::optional<capacity> size{};
    std::uint32_t physical_block_size = 0; ///< bytes; 0: unknown
    disk_content content{};
    std::vector<disk_volume> volumes{}; ///< in the order of the partition table
    std::vector<std::string> mount_points{};
    std::optional<reservation_capabilities> capabilities{};
    std::optional<reservation_picture> reservations{};
    disk_flags flags{};

    /// The identity's text, else the kernel's name of the first path.
    [[nodiscard]] std::string id() const;
    /// The shortest name under which people use it: the map's alias, else the first block name.
    [[nodiscard]] std::string device() const;
    [[nodiscard]] bool clusterable() const { return flags.obstacles().empty(); }
};

} // namespace sgpr
