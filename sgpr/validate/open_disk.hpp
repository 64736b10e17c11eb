// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/validate/local_agent.hpp"

namespace sgpr::validate {

/// What a local agent has on one disk, and what it has to undo.
struct open_disk {
    struct ownership_part {
        ownership_settings how;
        ownership_state state = ownership_state::none;
        std::unique_ptr<acquisition> acquiring;
        std::unique_ptr<defence> defending;
        std::string why;
    };

    disk_facts facts;
    std::unique_ptr<logical_unit> unit;
    ownership_part ownership;
    std::unique_ptr<volumes> mounted;
    std::optional<std::uint64_t> sectors; ///< block number of the first of two
    std::uint32_t block_size = 0;
    std::uint64_t blocks = 0;
    bool written = false; ///< a sector may hold something else than zeros
    bool touched = false; ///< something may be registered
};

/// The verbs that are one command through one path.
[[nodiscard]] answer perform_on_path(path& on, const request& what);
[[nodiscard]] answer perform_on_sectors(open_disk& disk, path& on, const request& what);
[[nodiscard]] answer register_all(open_disk& disk, const request& what);
[[nodiscard]] answer registered_paths(open_disk& disk, key own);
/// Zeros again; nothing on success.
[[nodiscard]] std::optional<problem> restore_sectors(open_disk& disk);
[[nodiscard]] bool sane_file_name(const std::string& name);

} // namespace sgpr::validate
