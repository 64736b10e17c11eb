// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Named limits of the registry's replication. Peers are bound by them as well.
namespace bridge::registry::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t members = 32;
inline constexpr std::size_t body_bytes = 900U << 10;     ///< of one operation
inline constexpr std::size_t chunk_bytes = 256U << 10;    ///< of a state in transfer
inline constexpr std::size_t chunks_unconfirmed = 4;      ///< 1 MiB
inline constexpr std::size_t snapshot_bytes = 128U << 20; ///< a saved state
inline constexpr std::size_t tail_bytes = 512U << 10;  ///< of one TAIL, unless one entry is larger
inline constexpr std::size_t tail_entries = 2048;      ///< of one TAIL
inline constexpr std::size_t samples = 48;             ///< of one FETCH
inline constexpr std::size_t staged_bytes = 96U << 20; ///< tail that a learner keeps in memory
inline constexpr std::size_t dead_incarnations = 64;   ///< remembered as proof
inline constexpr std::size_t resend_messages = 64;     ///< in one resend
inline constexpr std::size_t waiting_proposals = 1024;
inline constexpr std::size_t waiting_proposal_bytes = 16U << 20;

/// Nobody gets there by counting; leaves room to count on.
inline constexpr std::uint64_t epoch_number = std::uint64_t{1} << 62;

inline constexpr auto back_off_least = 50ms; ///< between two epoch changes, doubled
inline constexpr auto back_off_most = 2000ms;
inline constexpr auto settled_for = 2000ms; ///< so long active: the back-off begins again
inline constexpr auto takeover = 4000ms;    ///< a coordinator that does nothing for so long
inline constexpr auto greeting = 300ms;     ///< for the first words of those in the group
inline constexpr auto greeting_again_least = 1000ms; ///< of who takes part in nothing, doubled
inline constexpr auto greeting_again_most = 30s;
inline constexpr auto resend = 300ms; ///< own message not delivered to oneself
inline constexpr auto request_retry = 1000ms;
inline constexpr auto transfer_pace = 50ms; ///< between two windows of chunks: 20 MB/s
inline constexpr auto snapshot_kept = 30s;  ///< after the last request for it
inline constexpr auto no_room_retry = 30s;
inline constexpr auto decision_wait = 30s; ///< an operation that no epoch decides
inline constexpr auto verify_interval = 10min;
inline constexpr std::uint64_t verify_entries = 10'000;

inline constexpr std::uint16_t protocol = 1;
inline constexpr std::uint32_t level_least = 1;
inline constexpr std::uint32_t level_most = 1;

} // namespace bridge::registry::limits
