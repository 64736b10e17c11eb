// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <blkid/blkid.h>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>

namespace sgpr {

/// libblkid's probe, with an owner.
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
