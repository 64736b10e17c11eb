// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/fake/disk.hpp"
#include "sgpr/fake/reservations.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace sgpr::fake {

struct pending_fault {
    fault what{};
    unsigned passed = 0;
};

/// One I_T nexus as the target sees it.
struct session {
    it_nexus nexus{};
    std::string name{};
    bool up = true;
    std::deque<sense_data> attentions{};
    std::deque<pending_fault> faults{};
    std::size_t seen = 0;
};

/// What a command answered, before a fault or the way back changes it.
struct answer {
    verdict end{};
    bytes data{};
};

/// The unit behind the nexuses: decodes CDBs and carries them out.
class unit {
public:
    explicit unit(const settings& how);
    unit(const unit&) = delete;
    unit& operator=(const unit&) = delete;

    /// Unit attentions come first, but for INQUIRY, REPORT LUNS and REQUEST SENSE (SPC-4 5.14).
    [[nodiscard]] answer carry_out(session& from, const command& what);
    void queue(session& to, std::uint8_t asc, std::uint8_t ascq);

    settings how;
    reservations state;
    bytes medium;
    std::deque<session> sessions; ///< by nexus_number; never moves
    bool write_protected = false;
    bool full = false;

private:
    [[nodiscard]] answer dispatch(session& from, const command& what);
    [[nodiscard]] answer reserve_in(const command& what) const;
    [[nodiscard]] answer reserve_out(session& from, const command& what);
    [[nodiscard]] answer inquiry(const session& from, const command& what) const;
    [[nodiscard]] answer mode_sense(const session& from, const command& what) const;
    [[nodiscard]] answer read_capacity(const session& from, const command& what) const;
    [[nodiscard]] answer read(const session& from, const command& what) const;
    [[nodiscard]] answer write(const session& from, const command& what);
    [[nodiscard]] answer synchronize(const session& from) const;
    void deliver_notices();
    /// Where the unit attentions of a session wait.
    [[nodiscard]] std::deque<sense_data>& queue_of(session& of);
};

/// VPD pages and standard INQUIRY data of a unit as seen through one target port; empty: no such
/// page.
[[nodiscard]] bytes standard_inquiry();
[[nodiscard]] bytes vital_product_page(const settings& how, std::uint16_t target_port,
                                       std::uint8_t page);

/// PERSISTENT RESERVE IN's answers; errc-free: the fake sends what a well-behaved target sends.
[[nodiscard]] bytes encode_keys(const reservations& state);
[[nodiscard]] bytes encode_reservation(const reservations& state);
[[nodiscard]] bytes encode_capabilities(const profile& target, bool persistence_active);
[[nodiscard]] bytes encode_full_status(const reservations& state);

/// A PERSISTENT RESERVE OUT command, or what is wrong with it.
struct decoded_request {
    verdict end{};
    out_request request{};
};
[[nodiscard]] decoded_request decode_out(const profile& target, const command& what);

} // namespace sgpr::fake
