// SPDX-License-Identifier: Apache-2.0
#include "bridge/registry/store_room.hpp"

#include "bridge/registry/store_files.hpp"

#include <system_error>
#include <utility>

namespace bridge::registry {

store_room::store_room(std::filesystem::path database, limits limit,
                       std::function<std::uint64_t()> free_space)
    : reserve_(reserve_of(database)), limit_(limit), free_space_(std::move(free_space)) {
    std::error_code ignored; // absent: to be made
    reserved_ = std::filesystem::file_size(reserve_, ignored) == limit_.reserve && !ignored;
}

bool store_room::look() {
    const auto free = free_space_();
    if (reserved_)
        return free >= limit_.free;
    if (free < limit_.free + limit_.reserve)
        return false;
    reserved_ = !allocate_file(reserve_, limit_.reserve);
    return reserved_;
}

void store_room::release() {
    std::error_code ignored; // then it goes on occupying its space
    std::filesystem::remove(reserve_, ignored);
    reserved_ = false;
}

} // namespace bridge::registry
