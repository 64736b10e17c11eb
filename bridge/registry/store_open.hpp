// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/sqlite_database.hpp"
#include "bridge/registry/store.hpp"
#include "bridge/registry/store_files.hpp"
#include "bridge/registry/store_load.hpp"
#include "bridge/registry/store_schema.hpp"

#include <memory>

namespace bridge::registry {

/// A store's file, open, locked, checked and on the disk as it was read.
struct store_file {
    file_descriptor lock;
    std::unique_ptr<database> db;
    loaded_store content;
};

/// sqlite_store::open without the thread. `plan`: the schema, another one for tests.
[[nodiscard]] boost::system::result<store_file, open_error>
open_store_file(const std::filesystem::path& path, const std::string& vfs,
                const schema_plan& plan = current_schema());

} // namespace bridge::registry
