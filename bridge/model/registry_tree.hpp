// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
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
};

} // namespace bridge::model
