// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/host_source.hpp"

#include <algorithm>
#include <array>
#include <blkid/blkid.h>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <linux/fs.h>
#include <memory>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

namespace sgpr::validate {
namespace {

namespace fs = std::filesystem;

struct free_probe {
    void operator()(blkid_probe probe) const { blkid_free_probe(probe); }
};
using probe_handle = std::unique_ptr<blkid_struct_probe, free_probe>;

std::string value_of(blkid_probe probe, const char* name) {
    const char* value = nullptr;
    return blkid_probe_lookup_value(probe, name, &value, nullptr) == 0 && value != nullptr ? value
                                                                                           : "";
}

/// Name of the file system at `offset`, empty if there is none.
std::string file_system_at(const fs::path& device, std::int64_t offset, std::int64_t size) {
    const auto fd = open(device.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return {};
    }
    const probe_handle probe(blkid_new_probe());
    std::string type;
    if (probe && blkid_probe_set_device(probe.get(), fd, offset, size) == 0) {
        blkid_probe_enable_superblocks(probe.get(), 1);
        blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_TYPE);
        type = blkid_do_safeprobe(probe.get()) == 0 ? value_of(probe.get(), "TYPE") : "";
    }
    close(fd);
    return type;
}

problem system_problem(std::string what) {
    problem why{.code = errc::system, .os_error = errno};
    why.detail = std::move(what);
    return why;
}

class host_volumes final : public volumes {
public:
    ~host_volumes() override { static_cast<void>(offline()); }

    std::optional<problem> add(const fs::path& device, const volume_facts& volume);
    std::vector<std::uint64_t> numbers() const override;
    std::optional<problem> write(std::uint32_t index, const std::string& file,
                                 byte_view data) override;
    std::optional<problem> verify(std::uint32_t index, const std::string& file,
                                  byte_view data) override;
    std::optional<problem> remove(std::uint32_t index, const std::string& file) override;
    std::optional<problem> offline() override;

private:
    struct one {
        std::uint64_t number = 0;
        std::string folder{};
    };
    [[nodiscard]] std::string place(std::uint32_t index, const std::string& file) const {
        return all_[index].folder + "/" + file;
    }
    std::vector<one> all_;
};

std::optional<problem> host_volumes::add(const fs::path& device, const volume_facts& volume) {
    std::string folder = "/run/clusbridge-validate-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) {
        return system_problem("no folder to mount at");
    }
    const auto type = volume.file_system == "ntfs" ? "ntfs3" : volume.file_system;
    if (::mount(device.c_str(), folder.c_str(), type.c_str(), MS_NOSUID | MS_NODEV | MS_NOEXEC,
                nullptr) != 0) {
        auto why = system_problem("mount " + device.string() + " as " + type);
        rmdir(folder.c_str());
        return why;
    }
    all_.push_back({volume.number, folder});
    return std::nullopt;
}

std::vector<std::uint64_t> host_volumes::numbers() const {
    std::vector<std::uint64_t> made;
    for (const auto& volume : all_) {
        made.push_back(volume.number);
    }
    return made;
}

std::optional<problem> host_volumes::write(std::uint32_t index, const std::string& file,
                                           byte_view data) {
    const auto fd = open(place(index, file).c_str(),
                         O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return system_problem("create " + file);
    }
    std::optional<problem> why;
    if (::write(fd, data.data(), data.size()) != static_cast<ssize_t>(data.size()) ||
        fsync(fd) != 0 || syncfs(fd) != 0) {
        why = system_problem("write " + file);
    }
    close(fd);
    return why;
}

std::optional<problem> host_volumes::verify(std::uint32_t index, const std::string& file,
                                            byte_view data) {
    const auto fd = open(place(index, file).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return system_problem("open " + file);
    }
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    bytes there(data.size() + 1);
    const auto got = read(fd, there.data(), there.size());
    close(fd);
    if (got < 0) {
        return system_problem("read " + file);
    }
    there.resize(static_cast<std::size_t>(got));
    if (!std::equal(there.begin(), there.end(), data.begin(), data.end())) {
        return problem_of(errc::medium, "the file has other contents than were written");
    }
    return std::nullopt;
}

std::optional<problem> host_volumes::remove(std::uint32_t index, const std::string& file) {
    if (unlink(place(index, file).c_str()) != 0) {
        return system_problem("delete " + file);
    }
    return std::nullopt;
}

std::optional<problem> host_volumes::offline() {
    std::optional<problem> why;
    while (!all_.empty()) {
        const auto& folder = all_.back().folder;
        if (umount(folder.c_str()) != 0) {
            why = system_problem("unmount");
            umount2(folder.c_str(), MNT_DETACH);
        }
        rmdir(folder.c_str());
        all_.pop_back();
    }
    return why;
}

/// What the node cached before another wrote is no use now.
void drop_caches(const fs::path& device) {
    const auto fd = open(device.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        static_cast<void>(ioctl(fd, BLKFLSBUF, 0));
        static_cast<void>(ioctl(fd, BLKRRPART, 0));
        close(fd);
    }
}

} // namespace

std::vector<volume_facts> probe_volumes(const fs::path& device, disk_facts& of) {
    std::vector<volume_facts> found;
    const auto size = of.blocks * of.block_size;
    const probe_handle probe(blkid_new_probe_from_filename(device.c_str()));
    if (!probe) {
        return found;
    }
    blkid_probe_enable_partitions(probe.get(), 1);
    blkid_probe_enable_superblocks(probe.get(), 0);
    static_cast<void>(blkid_do_safeprobe(probe.get()));
    const auto type = value_of(probe.get(), "PTTYPE");
    of.style = type == "gpt" ? "GPT" : type == "dos" ? "MBR" : "RAW";
    of.signature = value_of(probe.get(), "PTUUID");
    auto* list = type.empty() ? nullptr : blkid_probe_get_partitions(probe.get());
    const auto count = list == nullptr ? 0 : blkid_partlist_numof_partitions(list);
    for (int i = 0; i < count && found.size() < max_volumes; ++i) {
        auto* part = blkid_partlist_get_partition(list, i);
        const auto length = blkid_partition_get_size(part) * 512;
        found.push_back({static_cast<std::uint32_t>(blkid_partition_get_partno(part)),
                         file_system_at(device, blkid_partition_get_start(part) * 512, length),
                         static_cast<std::uint64_t>(length)});
    }
    if (type.empty()) {
        found.push_back({0, file_system_at(device, 0, 0), size});
    }
    return found;
}

disk_source::mounted mount_volumes(const disk_facts& which, const fs::path& devices) {
    static const bool alone = unshare(CLONE_NEWNS) == 0 &&
                              ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    if (!alone) {
        return {nullptr, system_problem("a mount namespace of our own")};
    }
    const auto disk = which.multipath.empty() ? (devices / which.paths.front().block).string()
                                              : "/dev/mapper/" + which.multipath;
    drop_caches(disk);
    auto made = std::make_unique<host_volumes>();
    for (const auto& volume : which.volumes) {
        if (volume.file_system.empty()) {
            continue;
        }
        const auto separator = which.multipath.empty() ? "" : "-part";
        const auto device =
            volume.number == 0 ? disk : disk + separator + std::to_string(volume.number);
        if (auto why = made->add(device, volume)) {
            return {nullptr, std::move(why)};
        }
    }
    return {std::move(made), std::nullopt};
}

} // namespace sgpr::validate
