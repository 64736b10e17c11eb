// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/logical_unit.hpp"
#include "sgpr/ownership.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What the three machines of ownership have in common: the paths, one command at a time on one of
/// them, and looks at the disk.
namespace sgpr {

inline constexpr unsigned max_failed_adds = 3; ///< in a row, of one path; then only a look helps

/// One path as ownership sees it.
struct member {
    std::string name;
    bool live = false;           ///< its last command was answered
    bool usable = false;         ///< carries I/O (defence)
    bool tested = false;         ///< registered, as far as commands on it told
    bool told_preempted = false; ///< unit attention 2A/05 came since this was last cleared
    bool added = false;          ///< registered by us, GOOD
    bool probed = false;         ///< within this round
    unsigned failed_adds = 0;    ///< in a row; also those after which no look showed it registered
    unsigned failures = 0;       ///< in a row, of any command
    /// Relative target port, read while the path was live; the path itself would ask again.
    std::optional<std::uint16_t> target_port;
};

/// What a look showed. Times: `since` is before the target answered.
struct disk_view {
    time_point since{};
    std::uint32_t generation = 0;
    std::vector<key> keys; ///< one a registration
    std::optional<reservation> held;
    /// Only from devices with READ FULL STATUS.
    std::optional<std::vector<registration>> registrations;

    [[nodiscard]] std::size_t count(key which) const;
    /// Every other registered key once, in the order of the registrations.
    [[nodiscard]] std::vector<key> others(key own) const;
};

enum class look_state : std::uint8_t {
    more,   ///< call again
    done,   ///< view() is new
    failed, ///< last_failure(); the next call begins anew
};

inline constexpr reservation_type ownership_type =
    reservation_type::write_exclusive_registrants_only;

class nexus_work {
public:
    nexus_work(logical_unit& disk, const ownership_settings& how);

    /// Takes over paths that came and went; new ones are not live.
    void refresh();
    [[nodiscard]] std::vector<member>& members() { return members_; }
    [[nodiscard]] const std::vector<member>& members() const { return members_; }
    /// Whether the disk still has that path; refresh() forgets the others.
    [[nodiscard]] bool there(const std::string& name) const;
    [[nodiscard]] std::optional<std::size_t> find(const std::string& name) const;
    [[nodiscard]] std::optional<std::size_t> any_live() const;
    /// Live and registered in the view.
    [[nodiscard]] std::optional<std::size_t> any_registered() const;

    /// No command takes longer.
    void limit(std::chrono::milliseconds time) { limit_ = time; }

    /// Whether registrations are to outlive a power loss of the target.
    void persist(bool wanted) { persist_ = wanted; }
    [[nodiscard]] bool persists() const { return persist_; }

    // One command each (the first probe reads VPD 83h too). They keep the members' marks.
    result<void> probe(std::size_t on);
    result<void> ask_capabilities(std::size_t on); ///< errc::unsupported: not type 5
    result<void> add(std::size_t on);
    result<void> remove(std::size_t on);
    result<void> reserve(std::size_t on);
    result<void> release(std::size_t on);
    result<void> preempt(std::size_t on, key victim);
    result<void> flush(std::size_t on);

    /// One command of a look through `on`. Where READ FULL STATUS does not tell which nexuses are
    /// registered, ends with a test of each live path that may be: REGISTER from the own key to
    /// itself. `every`: of each live path.
    look_state look(time_point now, std::size_t on, bool every = false);
    void forget_look() { stage_ = stage::begin; }

    [[nodiscard]] const disk_view& view() const { return view_; }
    [[nodiscard]] const failure& last_failure() const { return last_failure_; }
    [[nodiscard]] key own() const { return how_.own; }
    /// By how much our own commands moved the generation since the last take.
    [[nodiscard]] std::uint32_t take_changes() { return std::exchange(changes_, 0); }

    // In the view:
    [[nodiscard]] bool registered(std::size_t which) const;
    /// The path whose nexus holds the reservation with the own key.
    [[nodiscard]] std::optional<std::size_t> holder() const;
    /// The own key is registered, or holds the disk, through a nexus that is none of our paths'.
    [[nodiscard]] bool stale() const { return own_beside(false); }
    /// The same with the paths that are live.
    [[nodiscard]] bool beyond_reach() const { return own_beside(true); }
    /// Reserved with the own key, with type 5.
    [[nodiscard]] bool ours() const;
    /// An iSCSI node of another name than ours is registered with that key: whatever the key says,
    /// it is another machine's. Adapters of other transports can be exchanged, and prove nothing.
    [[nodiscard]] bool used_elsewhere(key which) const;

    /// Where nobody tells the holder's nexus: the path that took the reservation.
    void remember_holder(std::string path) { holder_ = std::move(path); }

private:
    enum class stage : std::uint8_t { begin, keys, reservation, tests };

    path& at(std::size_t which);
    template <class T>
    result<T> keep(std::size_t on, result<T> answer);
    [[nodiscard]] std::optional<transport_id> nexus_port(std::size_t which) const;
    [[nodiscard]] bool is_nexus_of(std::size_t which, const registration& entry) const;
    [[nodiscard]] bool nexus_known(std::size_t which) const;
    [[nodiscard]] bool own_beside(bool live_only) const;
    [[nodiscard]] bool all_nexuses_known() const;
    look_state look_failed(const failure& why);
    look_state look_full(time_point now, std::size_t on);
    look_state look_keys(std::size_t on);
    look_state look_reservation(std::size_t on);
    look_state look_tests(std::size_t on, bool every);

    logical_unit& disk_;
    ownership_settings how_;
    std::vector<member> members_;
    std::chrono::milliseconds limit_;
    bool full_status_ = true;
    bool persist_;
    std::string holder_;

    stage stage_ = stage::begin;
    disk_view view_, fresh_;
    std::size_t next_test_ = 0;
    unsigned torn_ = 0;
    std::uint32_t changes_ = 0;
    failure last_failure_;
};

} // namespace sgpr
