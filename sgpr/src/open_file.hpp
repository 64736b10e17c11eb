// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace sgpr {

/// A file, device or folder that is read. get() is negative, and errno tells why, where it cannot
/// be opened.
class open_file {
public:
    /// `flags`: O_DIRECTORY, for example, beside those that all have.
    explicit open_file(const std::filesystem::path& where, int flags = 0)
        : descriptor_(::open(where.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags)) {
    }
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

} // namespace sgpr
