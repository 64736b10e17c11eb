// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The stored part of the cluster registry (MS-CMRP 3.1.1.2) as a value: keys, values, security
/// descriptors, and what a batch of commands does to them. Pure: the same batches in the same order
/// make the same tree on every node.
namespace bridge::model {

/// Types of registry values (MS-RRP 2.2.6). Unknown numbers never get in.
enum class registry_type : std::uint32_t {
    none = 0,
    sz = 1,
    expand_sz = 2,
    binary = 3,
    dword = 4,
    multi_sz = 7,
    qword = 11,
};

/// Limits that every batch is held to when it is applied, so that they are the same on all nodes.
namespace registry_limit {
inline constexpr std::size_t value_bytes = 512U << 10;
inline constexpr std::size_t component_units = 255; ///< UTF-16 units of a key's own name
inline constexpr std::size_t value_name_units = 16383;
inline constexpr std::size_t path_units = 8000;
inline constexpr std::size_t depth = 512;
inline constexpr std::size_t descriptor_bytes = 64U << 10;
inline constexpr std::size_t keys = 100'000;
inline constexpr std::size_t values = 500'000;
inline constexpr std::size_t tree_bytes = 64U << 20; ///< names, data and descriptors
inline constexpr std::size_t batch_bytes = 900U << 10;
inline constexpr std::size_t batch_commands = 4096;
inline constexpr std::size_t caller_bytes = 512;
inline constexpr std::size_t change_bytes = 64U << 20; ///< paths of all that one batch changes
} // namespace registry_limit

/// Why a batch did nothing. Stored in the replicated log's results: numbers do not change.
enum class registry_errc : std::uint8_t {
    none = 0,
    key_not_found = 1,   ///< the path names no stored key
    value_not_found = 2, ///< delete_value with `must_exist`
    has_subkeys = 3,     ///< delete_key without `subtree`
    guard_failed = 4,    ///< a require_* command did not hold
    too_large = 5,       ///< name, value, descriptor or batch above its limit
    tree_full = 6,       ///< keys, values or bytes of the whole tree
    invalid = 7,         ///< malformed command
    // From here on not from the tree but on the way to it; nothing was applied unless said.
    not_active = 16, ///< this node is no active member of a quorate registry (read-only)
    busy = 17,       ///< too much in flight; try again
    disk_full = 18,  ///< a member has no room
    stale = 20,      ///< reading alone: this node is cut off and knows it, the tree may be behind
    undecided = 19,  ///< the daemon stops before it knows; the batch may be applied
};

struct registry_value {
    std::string name; ///< UTF-8 as it was given; empty: the default value
    registry_type type = registry_type::none;
    std::vector<std::byte> data; ///< as on the wire

    bool operator==(const registry_value&) const = default;
};

/// A self-relative security descriptor (MS-DTYP 2.4.6), shared between keys that inherit it.
using descriptor_bytes = std::shared_ptr<const std::vector<std::byte>>;

enum class registry_verb : std::uint8_t {
    create_key = 1, ///< and what is missing above it; an existing key is opened, its descriptor
                    ///< replaced when one is given explicitly (`replace_descriptor`)
    delete_key = 2,
    set_value = 3,
    delete_value = 4,
    set_descriptor = 5,
    require_key = 6,    ///< guard: the key exists
    require_value = 7,  ///< guard: the value exists with this type and data
    require_absent = 8, ///< guard: value `name` of key `path` is not there
};

/// Paths are relative to the root, components separated by backslashes, none leading or trailing;
/// the root is "". Case does not matter when looking up; new names keep the case given.
struct registry_command {
    registry_verb verb{};
    std::string path;
    std::string name; ///< value verbs
    registry_type type = registry_type::none;
    std::vector<std::byte> data;
    /// create_key: for the keys that it makes, the last for the last component, those before for
    /// the ones above; when more are missing the first serves those. set_descriptor: exactly one.
    std::vector<descriptor_bytes> descriptors;
    bool subtree = false;            ///< delete_key: with everything below
    bool must_exist = false;         ///< delete_key, delete_value: else missing ones are no error
    bool replace_descriptor = false; ///< create_key

    bool operator==(const registry_command&) const;
};

/// All or nothing. Whatever is not deterministic travels in it.
struct registry_batch {
    std::vector<registry_command> commands;
    std::uint64_t time = 0; ///< FILETIME at the origin; keys never go back in time
    std::string caller;     ///< for the audit; UTF-8

    bool operator==(const registry_batch&) const = default;
};

enum class registry_change_kind : std::uint8_t {
    key_created = 1,
    key_deleted = 2,
    value_set = 3,
    value_deleted = 4,
    descriptor_set = 5,
};

/// One thing that a batch changed, in its order; what did not change anything is not listed, a
/// deleted subtree is listed leaf first.
struct registry_change {
    registry_change_kind kind{};
    std::string path;        ///< of the key, in its stored spelling
    registry_value now;      ///< value_set: the new value; value_deleted: its name
    registry_value before;   ///< the value that was there
    bool existed = false;    ///< `before` is meaningful
    std::size_t command = 0; ///< index in the batch
};

struct registry_outcome {
    registry_errc code = registry_errc::none;
    std::size_t failed_command = 0; ///< when code is set by a command: its index from 0
    std::vector<bool> created;      ///< per command: create_key made the key
    std::vector<registry_change> changes;
    std::uint64_t index = 0; ///< in the replicated log; 0: not committed
};

/// 128-bit sum over all rows: equal trees have equal digests whatever way they came about.
struct registry_digest {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    bool operator==(const registry_digest&) const = default;

    registry_digest& operator+=(const registry_digest& other);
    registry_digest& operator-=(const registry_digest& other);
};

/// 32 hexadecimal digits.
std::string to_string(const registry_digest& digest);

/// One row of the tables that keep a tree, opaque to them: no two rows have the same key. The rows
/// of a key are named by its number, so that they stay where they are whatever happens above them.
struct registry_row {
    std::vector<std::byte> key;
    std::optional<std::vector<std::byte>> value; ///< nullopt: the row goes

    bool operator==(const registry_row&) const = default;
};

/// A key of the tree. Subkeys and values are sorted by their folded names (win32::fold), indexes
/// count in that order.
class stored_key {
public:
    stored_key(const stored_key&) = delete;
    stored_key& operator=(const stored_key&) = delete;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const stored_key* parent() const { return parent_; } ///< null: the root
    [[nodiscard]] std::string path() const; ///< in the stored spelling; the root's is ""

    /// Place of that name in the order of indexes.
    [[nodiscard]] std::optional<std::size_t> subkey_index(std::string_view name) const;
    [[nodiscard]] std::optional<std::size_t> value_index(std::string_view name) const;

    [[nodiscard]] std::size_t subkey_count() const { return subkeys_.size(); }
    [[nodiscard]] const stored_key& subkey(std::size_t index) const { return *subkeys_[index]; }
    [[nodiscard]] const stored_key* find_subkey(std::string_view name) const;

    [[nodiscard]] std::size_t value_count() const { return values_.size(); }
    [[nodiscard]] const registry_value& value(std::size_t index) const {
        return values_[index]->value;
    }
    [[nodiscard]] const registry_value* find_value(std::string_view name) const;

    /// FILETIME of the last change of its values or direct subkeys; never goes back.
    [[nodiscard]] std::uint64_t last_write() const { return last_write_; }
    /// 1 when made, one more for each batch that changes the key, its descriptor included. The same
    /// on all nodes; not part of the digest.
    [[nodiscard]] std::uint64_t version() const { return version_; }
    /// Null: none of its own, what is above it decides.
    [[nodiscard]] const descriptor_bytes& descriptor() const { return descriptor_; }
    /// Names this key for ever: a key deleted and made again has another one. The same on all nodes
    /// and after a restart; not part of the digest. The root's is 1.
    [[nodiscard]] std::uint64_t id() const { return id_; }

private:
    friend class registry_tree;
    friend class registry_transaction;
    friend class registry_loader;

    struct stored_value {
        registry_value value;
        std::string folded;
        registry_digest hash;
    };

    stored_key() = default;

    static const std::string& name_of_key(const stored_key& key) { return key.folded_; }
    static const std::string& name_of_value(const stored_value& value) { return value.folded; }

    std::uint64_t id_ = 0;
    stored_key* parent_ = nullptr;
    std::string name_;
    std::string folded_;
    std::vector<std::unique_ptr<stored_key>> subkeys_;
    std::vector<std::unique_ptr<stored_value>> values_;
    std::uint64_t last_write_ = 0;
    std::uint64_t version_ = 1;
    descriptor_bytes descriptor_;
    registry_digest place_; ///< hash of the folded path
    registry_digest hash_;  ///< of the key's row as the digest counts it
};

class registry_tree {
public:
    registry_tree(); ///< nothing but the root
    registry_tree(registry_tree&&) noexcept;
    registry_tree& operator=(registry_tree&&) noexcept;
    ~registry_tree();

    [[nodiscard]] const stored_key& root() const { return *root_; }

    /// Null: there is no such key. Pointers live until the next apply or load.
    [[nodiscard]] const stored_key* find(std::string_view path) const;

    /// Carries out all commands in their order, or none. A value that is set to what it is, a
    /// descriptor likewise, changes nothing, not even times.
    registry_outcome apply(const registry_batch& batch);

    /// The same for any number of commands: those that make one tree within the limits another.
    registry_outcome apply_large(const registry_batch& batch);

    /// What apply() would answer now; nothing is changed.
    registry_outcome rehearse(const registry_batch& batch);

    [[nodiscard]] const registry_digest& digest() const { return digest_; }
    [[nodiscard]] std::size_t keys() const { return keys_; } ///< the root not counted
    [[nodiscard]] std::size_t values() const { return values_; }
    /// Names, data and descriptors, each different descriptor once.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    /// The rows that changed since the last call, sorted by key: rows written before with these put
    /// over them are this tree.
    std::vector<registry_row> take_rows();

    /// All rows, each with a value, sorted by key; take_rows() then has nothing to tell.
    std::vector<registry_row> all_rows();

    /// The tree that the rows make, in any order; nullopt unless they are one within the limits.
    static std::optional<registry_tree> from_rows(std::span<const registry_row> rows);

    /// The whole tree as bytes, its digest at the end.
    [[nodiscard]] std::vector<std::byte> save() const;

    /// Reads what save() wrote, from anybody: nullopt unless it is whole, within the limits and has
    /// the digest that it claims. Its all_rows() take the place of those of the tree before it.
    static std::optional<registry_tree> load(std::span<const std::byte> saved);

    /// Same keys, values, descriptors, times, versions and numbers.
    bool operator==(const registry_tree& other) const;

private:
    friend class registry_transaction;
    friend class registry_loader;

    using value_ptr = std::unique_ptr<stored_key::stored_value>;
    struct pooled {
        descriptor_bytes bytes;
        std::size_t uses = 0;
    };

    registry_outcome carry_out(const registry_batch& batch, bool undo);

    // The only ways to change the tree: they keep counts, bytes and digest.
    stored_key& add_key(stored_key& parent, std::string name, std::string folded);
    std::unique_ptr<stored_key> detach(stored_key& leaf);
    void attach(stored_key& parent, std::unique_ptr<stored_key> leaf);
    value_ptr put_value(stored_key& key, value_ptr value);
    value_ptr take_value(stored_key& key, std::string_view folded);
    descriptor_bytes set_descriptor(stored_key& key, const descriptor_bytes& descriptor);
    void rehash(stored_key& key);

    void count(const stored_key::stored_value& value, bool in);
    void count(const stored_key& key, bool in);
    descriptor_bytes pool(const descriptor_bytes& descriptor);
    void unpool(const descriptor_bytes& descriptor);
    [[nodiscard]] bool full() const;

    std::unique_ptr<stored_key> root_;
    std::map<std::vector<std::byte>, pooled> descriptors_;
    std::map<std::vector<std::byte>, std::optional<std::vector<std::byte>>> changed_rows_;
    registry_digest digest_;
    std::size_t keys_ = 0;
    std::size_t values_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t next_id_ = 0; ///< for the next key; taken back when a batch fails
};

} // namespace bridge::model
