// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

/// The files around a store's database: who may read them, who has them, what lies beside them.
namespace bridge::registry {

/// A file descriptor that is closed when its owner goes.
class file_descriptor {
public:
    file_descriptor() = default;
    explicit file_descriptor(int value) : value_(value) {}
    ~file_descriptor();
    file_descriptor(file_descriptor&& other) noexcept;
    file_descriptor& operator=(file_descriptor&& other) noexcept;

    [[nodiscard]] int get() const { return value_; }
    explicit operator bool() const { return value_ >= 0; }

private:
    int value_ = -1;
};

/// Names beside the database.
[[nodiscard]] std::filesystem::path wal_of(const std::filesystem::path& database);
[[nodiscard]] std::filesystem::path lock_of(const std::filesystem::path& database);
[[nodiscard]] std::filesystem::path reserve_of(const std::filesystem::path& database);

/// Makes the folder (its last component only) with mode 0700; an error also when it exists and
/// others than its owner have any access (permission_denied).
[[nodiscard]] std::error_code make_private_folder(const std::filesystem::path& folder);

/// Makes the file when it is absent, and its mode 0600 in any case.
[[nodiscard]] std::error_code make_private_file(const std::filesystem::path& file);

/// Takes the lock beside the database, for as long as the descriptor lives; a second taker, in this
/// process too, gets resource_unavailable_try_again.
[[nodiscard]] std::error_code lock_database(const std::filesystem::path& database,
                                            file_descriptor& lock);

/// fsync of a file or a folder.
[[nodiscard]] std::error_code sync_path(const std::filesystem::path& path);

/// Preallocates a file of that size.
[[nodiscard]] std::error_code allocate_file(const std::filesystem::path& file, std::uint64_t bytes);

/// Bytes that an ordinary user may still write where the folder is; 0 when that cannot be told.
[[nodiscard]] std::uint64_t free_space(const std::filesystem::path& folder);

} // namespace bridge::registry
