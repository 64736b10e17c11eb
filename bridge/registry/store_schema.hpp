// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/registry/sqlite_database.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>

/// What a store's file looks like: tables, marks, versions.
namespace bridge::registry {

/// PRAGMA application_id: "CBrg", and "CBrb" for a backup, so that neither is taken for the other.
inline constexpr std::int64_t store_application = 0x43427267;
inline constexpr std::int64_t backup_application = 0x43427262;

/// Takes a file one schema version further.
struct migration {
    const char* sql;
};

/// A schema: what a new file is made with and how older ones get there. `steps[n]` leads from
/// version n + 1 to n + 2; there are version - 1 of them.
struct schema_plan {
    std::int64_t version;
    const char* tables;
    std::span<const migration> steps;
};

/// The schema of this program.
[[nodiscard]] const schema_plan& current_schema();

enum class schema_state : std::uint8_t {
    blank,   ///< nothing in it yet
    current, ///< as the plan says
    older,   ///< can be migrated
    newer,   ///< of a later program: not to be touched
    foreign, ///< not what was expected
    failed,  ///< could not be read (database::failure)
};

/// Settings of a connection to a store; they hold for its life.
bool set_up_connection(database& db);

/// What the file is, by its marks; `application` is the expected one.
[[nodiscard]] schema_state schema_of(database& db, const schema_plan& plan,
                                     std::int64_t application);

/// Makes the tables and sets the marks; to be called in a transaction.
bool create_schema(database& db, const schema_plan& plan, std::int64_t application);

/// Copies the file to `copy` (mode 0600, replaced when it exists, on the disk), then takes it to
/// the plan's version in one transaction. False: database::failure, or `copy` could not be made and
/// `why` says so; the file is as it was.
bool migrate_schema(database& db, const schema_plan& plan, const std::filesystem::path& copy,
                    std::string& why);

/// Name of the copy that a migration from that version leaves.
[[nodiscard]] std::filesystem::path copy_before_migration(const std::filesystem::path& file,
                                                          std::int64_t version);

/// Says how the tables differ from the plan's; nullopt: they do not.
[[nodiscard]] std::optional<std::string> schema_damage(database& db, const schema_plan& plan);

} // namespace bridge::registry
