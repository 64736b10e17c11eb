// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace bridge::registry {

/// Watches the space that a store has left. A file of reserved bytes lies beside the database; it
/// is given up when the disk is full all the same, so that the little that must still be written (a
/// promise, a state transfer's beginning) finds room.
class store_room {
public:
    struct limits {
        std::uint64_t reserve = 0; ///< size of the reserve file
        std::uint64_t free = 0;    ///< bytes that must be free beside it
    };

    /// `free_space` tells the bytes left on the disk.
    store_room(std::filesystem::path database, limits limit,
               std::function<std::uint64_t()> free_space);

    /// Looks, and makes the reserve again once there is space enough. True: there is room.
    bool look();

    /// Gives the reserve up; there is no room until it could be made again.
    void release();

private:
    std::filesystem::path reserve_;
    limits limit_;
    std::function<std::uint64_t()> free_space_;
    bool reserved_ = false;
};

} // namespace bridge::registry
