// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/failure.hpp"
#include "sgpr/persistent_reservation.hpp"
#include "sgpr/validate/facts.hpp"
#include "sgpr/verified.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sgpr::validate {

/// What a node can be asked to do. Those on a disk name it by `request::disk`.
enum class verb : std::uint8_t {
    describe,   ///< node and disks
    page,       ///< VPD page `page` through path `path`
    ready,      ///< TEST UNIT READY through path `path`
    attentions, ///< the unit attentions recorded since the last question, all paths
    // PERSISTENT RESERVE, one command each, through path `path`
    capabilities,
    picture, ///< registrations and reservation
    full_status,
    register_ignore, ///< REGISTER AND IGNORE EXISTING KEY with `own`; no_key unregisters
    register_key,    ///< REGISTER from `own` to `other`
    reserve,
    release,
    clear,
    preempt, ///< own key `own`, victim `other`
    preempt_and_abort,
    // the same on every path of the node, one after the other
    register_all, ///< REGISTER AND IGNORE EXISTING KEY with `own`; no_key unregisters
    registered,   ///< which paths are registered with `own`
    // two sectors that belong to nobody
    sectors,
    read_sector,  ///< sector `index` (0 or 1) of them
    write_sector, ///< `data`, at most one block, padded with zeros
    // ownership: challenge and defence as in production
    own_begin, ///< acquire with `own`
    own_step,  ///< one step of acquisition or defence
    own_end,   ///< give up, unregister
    // volumes
    online, ///< mount all volumes that have a file system, for this program only
    offline,
    write_file, ///< `file` with `data` on volume `index`
    verify_file,
    delete_file,
    clean_up, ///< undo all that is left of the above on `disk`, or with no disk on every one
};
inline constexpr int verb_count = static_cast<int>(verb::clean_up) + 1;

/// "reserve"; also the word on the wire.
[[nodiscard]] std::string_view text(verb what);
[[nodiscard]] std::optional<verb> verb_of(std::string_view word);

inline constexpr std::size_t max_file_bytes = 64U << 10;
inline constexpr std::size_t max_file_name = 64;
/// What the tests write; clean_up removes it where the volume is online.
inline constexpr const char* validation_file = "clusbridge-validation.tmp";

struct request {
    verb what = verb::describe;
    std::string disk{};
    std::uint32_t path = 0; ///< from 0 in the order of disk_facts::paths
    key own{};
    key other{};
    reservation_type type = reservation_type::write_exclusive_registrants_only;
    bool persist = false; ///< APTPL, for the register verbs
    std::uint8_t page = 0;
    std::uint32_t index = 0;
    std::string file{}; ///< letters, digits, '.', '-', '_' only
    bytes data{};
};

/// Why a verb failed.
struct problem {
    errc code = errc::system;
    sense_data sense{};
    int os_error = 0;
    std::string detail{}; ///< for people; empty: text() of the rest says all
};
[[nodiscard]] std::string text(const problem& what);
[[nodiscard]] problem problem_of(const failure& what, std::string detail = {});
/// A problem without a device behind it.
[[nodiscard]] problem problem_of(errc code, std::string detail);

enum class ownership_state : std::uint8_t { none, acquiring, owned, refused, lost, failed };
[[nodiscard]] std::string_view text(ownership_state what);

struct path_state {
    std::string device{};
    bool registered = false;
    bool by_nexus = false; ///< proven for this path; else only that the key is known
    std::optional<problem> failed{};
};

struct answer {
    std::optional<problem> failed{};
    std::uint64_t duration_us = 0; ///< of the SCSI command, or of the whole verb
    bytes data{};                  ///< page, sector
    std::optional<node_facts> facts{};
    std::optional<reservation_capabilities> capabilities{};
    std::optional<reservation_picture> picture{};
    std::vector<path_state> paths{};
    std::vector<std::string> attentions{}; ///< text of the sense, oldest first
    std::vector<std::uint64_t> numbers{}; ///< sectors: their block numbers; online: mounted volumes
    ownership_state ownership = ownership_state::none;
    std::uint32_t again_ms = 0; ///< own_step: wait this long before the next
    std::string text{};         ///< more for people: why an ownership was refused

    [[nodiscard]] bool good() const { return !failed; }
};

[[nodiscard]] answer failed_answer(problem why);

/// A node of the cluster as the validation sees it. Not for two threads at once.
class node_agent {
public:
    node_agent() = default;
    node_agent(const node_agent&) = delete;
    node_agent& operator=(const node_agent&) = delete;
    /// Cleans up as verb::clean_up does.
    virtual ~node_agent() = default;

    [[nodiscard]] virtual std::string name() const = 0;
    /// Takes at most about 15 s. An agent that cannot be reached answers errc::transport.
    [[nodiscard]] virtual answer perform(const request& what) = 0;
};

} // namespace sgpr::validate
