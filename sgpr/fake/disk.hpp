// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/persistent_reservation.hpp"
#include "sgpr/transport.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// A logical unit in memory: the state machine of SPC-4 5.13 at the level of CDBs, for many
/// initiators.
namespace sgpr::fake {

/// What kind of target it is. The default follows SPC-4 to the letter and has everything.
struct profile {
    bool full_status = true;        ///< READ FULL STATUS
    bool preempt_and_abort = true;  ///< PREEMPT AND ABORT
    bool persistence = true;        ///< APTPL
    bool all_target_ports = true;   ///< ALL_TG_PT
    bool specify_initiators = true; ///< SPEC_I_PT
    bool move = true;               ///< REGISTER AND MOVE
    bool reservations = true;       ///< PERSISTENT RESERVE IN and OUT at all
    bool forced_access = true;      ///< FUA in READ and WRITE
    bool target_ports = true;       ///< page 83h tells the relative target port

    /// RESERVE from a nexus that is not registered: NOT READY instead of RESERVATION CONFLICT.
    bool not_ready_if_unregistered = false;
    /// RELEASE of the holder with another type: RESERVATION CONFLICT instead of ILLEGAL REQUEST
    /// 26/04.
    bool conflict_on_wrong_release = false;
    /// Changes are made and answered with NOT READY: the target cannot write its state.
    bool not_ready_after_change = false;
    /// RELEASE of one that holds nothing: GOOD with whatever key.
    bool release_needs_no_key = false;
    /// RESERVE where nothing is held: GOOD with whatever key.
    bool reserve_needs_no_key = false;
    /// PREEMPT tells whose registration it removes what CLEAR does: 2A/03 instead of 2A/05.
    bool preempts_as_clear = false;
    /// RELEASE tells no registrant of types 5 to 8; of types 1 and 3 every registrant but one, for
    /// each other one.
    bool release_tells_wrongly = false;
    /// READ CAPACITY conflicts with an exclusive access reservation of others.
    bool capacity_conflicts = false;
    /// Sessions of an iSCSI node are one registrant when they read and write: one without a
    /// registration of its own may do what another of its node may.
    bool node_may_write = false;
    /// Sessions of an iSCSI node share their unit attentions: the first that sends a command gets
    /// them.
    bool node_shares_attentions = false;

    [[nodiscard]] static profile strict() { return {}; }
    /// As Linux' LIO (6.1) with its usual back stores: all that is false above for strict().
    /// `not_ready_after_change` is not among it: that is LIO without the folder for its state.
    [[nodiscard]] static profile lio();
    /// As the user-space target tgt (1.0.85).
    [[nodiscard]] static profile tgt();
};

/// What a nexus does to a command instead of handing it on.
enum class fault_kind {
    unit_attention, ///< `sense`; not carried out
    busy,           ///< status BUSY; not carried out
    task_set_full,  ///< status TASK SET FULL; not carried out
    conflict,       ///< status RESERVATION CONFLICT; not carried out
    sense,          ///< CHECK CONDITION with `sense`; carried out if `carried_out`
    timeout,        ///< no answer; carried out if `carried_out`
    unreachable,    ///< the way failed; carried out if `carried_out`
    gone,           ///< no such device; not carried out
    short_data,     ///< carried out; only `keep` bytes of the answer arrive
};

struct fault {
    fault_kind kind = fault_kind::busy;
    unsigned after = 0; ///< commands that pass before it (those that match)
    unsigned times = 1; ///< how often it then happens
    std::optional<std::uint8_t> operation_code{}; ///< only commands with it; else any
    std::optional<std::uint8_t> service_action{}; ///< only with it too (low 5 bits of byte 1)
    bool carried_out = false;
    sense_data sense{};
    std::size_t keep = 0;
};

/// Index of a nexus of a disk, from 0 in the order of connect().
using nexus_number = std::size_t;

struct settings {
    profile target{};
    std::uint64_t blocks = 2048;
    std::uint32_t block_size = 512;
    /// NAA-6 name of the unit, 16 hex digits behind "6001405".
    std::uint64_t identity = 1;
    std::string serial = "fake-0001";
};

/// Not for two threads at once. Outlives its transports.
class disk {
public:
    explicit disk(settings how = {});
    ~disk();
    disk(const disk&) = delete;
    disk& operator=(const disk&) = delete;

    /// A new I_T nexus through relative target port `target_port` (from 1).
    nexus_number connect(transport_id initiator, std::uint16_t target_port, std::string name);
    /// A transport on that nexus; any number of them, they share its unit attentions.
    [[nodiscard]] std::unique_ptr<transport> open(nexus_number which);

    /// Injected faults of a nexus happen in the order they were given, each counting its own
    /// commands.
    void inject(nexus_number which, fault what);
    /// Down: commands are unreachable and not carried out. Registrations stay.
    void set_path(nexus_number which, bool up);
    /// A new session of the same iSCSI initiator: the nexus is another I_T nexus from now on.
    void log_in_again(nexus_number which, initiator_session session);
    /// Without APTPL registrations and reservation are gone; unit attention 29/00 for every nexus.
    void power_cycle();
    /// Unit attention for one nexus, as a target would queue it.
    void queue_attention(nexus_number which, std::uint8_t asc, std::uint8_t ascq);
    /// Write protect (MODE SENSE WP; writes answer 27/00).
    void set_write_protected(bool on);
    /// Writes answer 27/07, as a thin unit that is full.
    void set_full(bool on);

    /// Commands that a nexus was sent, faults among them; for checks of "nothing was sent".
    [[nodiscard]] std::size_t commands_seen(nexus_number which) const;

    /// The state as READ FULL STATUS would show it, also on targets without that command.
    [[nodiscard]] full_status status() const;
    [[nodiscard]] std::optional<reservation> held() const;
    /// Whether registrations outlive power_cycle().
    [[nodiscard]] bool persistence_active() const;
    /// The medium, blocks * block_size bytes.
    [[nodiscard]] const bytes& medium() const;

private:
    friend class nexus;
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace sgpr::fake
