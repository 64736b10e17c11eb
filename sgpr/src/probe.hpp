// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <blkid/blkid.h>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <string>
#include <unistd.h>

/// What the readers of disks share: a descriptor, and libblkid's probe.
namespace sgpr {

/// Read-only; get() is negative where the file cannot be opened.
class open_file {
public:
    explicit open_file(const std::filesystem::path& where)
        : descriptor_(::open(where.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
    ~open_file() {
        if (descriptor_ >= 0)
            ::close(descriptor_);
    }
    open_file(const open_file&) = delete;
    open_file& operator=(const open_file&) = delete;
    [[nodiscard]] int get() const { return descriptor_; }

private:
    int descriptor_;
};

struct free_probe {
    void operator()(::blkid_probe probe) const { ::blkid_free_probe(probe); }
};
using probe_pointer = std::unique_ptr<std::remove_pointer_t<::blkid_probe>, free_probe>;

/// Empty: the probe did not find it.
inline std::string value_of(::blkid_probe probe, const char* name) {
    const char* data = nullptr;
    std::size_t size = 0;
    if (::blkid_probe_lookup_value(probe, name, &data, &size) != 0 || data == nullptr)
        return {};
    return std::string(data, ::strnlen(data, size));
}

} // namespace sgpr
