// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/auth/secret.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The accounts file: local accounts as NT hashes, and Kerberos principals mapped by hand. UTF-8
/// text, a line an account, five fields:
///
///     user:domain:nt-hash:sid:groups
///
/// * user: the account name; compared without regard to case.
/// * domain: a NetBIOS or DNS name, `*` for whatever domain the client sends, or `@REALM` for the
///   principal user@REALM (compared exactly).
/// * nt-hash: 32 hexadecimal digits, MD4 of the UTF-16LE password; `-` for a principal.
/// * sid: empty, a RID under the machine SID (1000 or more), or a whole SID text.
/// * groups: comma separated, may be empty: `admin` (S-1-5-32-544), `read` (S-1-5-32-545), `backup`
///   (S-1-5-32-551), a SID text, or `unix=login`: the groups of that Unix account count too.
///
/// Empty lines and lines that start with `#` are kept. The file belongs to root or to the reader
/// and has mode 0600 or 0400; every other file is refused, since the hashes are as good as
/// passwords.
namespace bridge::auth {

struct account_entry {
    std::string user;
    std::string domain;        ///< as in the file
    std::optional<key16> hash; ///< none for a principal
    std::string sid;           ///< as in the file
    std::vector<std::string> groups;
};

/// True when the entry maps a Kerberos principal.
bool is_principal(const account_entry& entry);

/// Why an accounts file or a change to it was refused; text for an operator.
struct accounts_error {
    std::string text;
};

/// A parsed file; rows that are not entries are kept for rewriting.
class account_list {
public:
    static constexpr std::size_t max_file_size = 4 << 20;
    static constexpr std::size_t max_line_size = 4096;
    static constexpr std::uint32_t first_rid = 1000;

    [[nodiscard]] std::vector<account_entry> entries() const;

    /// The entry for exactly these names as the file has them (user without regard to case).
    [[nodiscard]] const account_entry* find(std::string_view user, std::string_view domain) const;

    /// Adds, or replaces the entry of the same user and domain. An empty sid of a new account
    /// becomes the next free RID, that of a known one stays. Returns an error when a field is not
    /// well-formed.
    std::optional<accounts_error> put(account_entry entry);

    /// False when there is no such entry.
    bool remove(std::string_view user, std::string_view domain);

    [[nodiscard]] std::string text() const;

    static std::variant<account_list, accounts_error> parse(std::string_view text);

private:
    struct row {
        std::optional<account_entry> entry;
        std::string text; ///< of a row without entry
    };
    [[nodiscard]] std::uint32_t next_rid() const;
    row* find_row(std::string_view user, std::string_view domain);

    std::vector<row> rows_;
};

/// Reads and checks owner and mode first. A file that does not exist is an error.
std::variant<account_list, accounts_error> read_accounts(const std::filesystem::path& path);

/// Changes the file under a lock on its directory and replaces it in one step, mode 0600, same
/// owner; a file that does not exist starts empty. `change` returns text to give up with.
std::optional<accounts_error>
edit_accounts(const std::filesystem::path& path,
              const std::function<std::optional<accounts_error>(account_list&)>& change);

} // namespace bridge::auth
