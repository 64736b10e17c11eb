// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/sense.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace sgpr {

/// Why a command brought no result. What to do about it is the caller's: only `busy` has been
/// retried.
enum class errc {
    gone,                 ///< the device or its node does not exist (any more)
    timeout,              ///< no answer in time; whether the command was carried out is unknown
    busy,                 ///< BUSY or TASK SET FULL, still after all retries
    reservation_conflict, ///< a persistent reservation or a missing registration refuses it
    not_ready,            ///< sense key NOT READY; some targets answer so to PERSISTENT RESERVE OUT
    registrations_preempted, ///< unit attention 2A/05, only where the caller asked to be told
    unsupported,     ///< invalid operation code or service action, or a page that is not there
    invalid,         ///< any other ILLEGAL REQUEST: a field of the CDB or of the parameter list
    write_protected, ///< DATA PROTECT
    medium,          ///< MEDIUM ERROR, BLANK CHECK
    hardware,        ///< HARDWARE ERROR
    aborted,         ///< ABORTED COMMAND, TASK ABORTED; unit attentions without end
    no_space,        ///< a thin unit is full (27/07)
    malformed,       ///< what the device sent contradicts itself or its own lengths
    transport,       ///< the way to the device failed; whether it was carried out is unknown
    system,          ///< any other error of the operating system, see `os_error`
};

/// Number of values of `errc`, for tables over all of them.
inline constexpr int errc_count = static_cast<int>(errc::system) + 1;

/// Why a command failed, with all that the device and the system said.
struct failure {
    errc code = errc::system;
    sense_data sense{}; ///< as the device sent it; `{}` if it sent none
    int os_error = 0;   ///< errno, 0 if the system reported none

    friend bool operator==(const failure&, const failure&) = default;
};

/// Short name, as in logs: "reservation conflict".
[[nodiscard]] std::string_view text(errc code);

/// One line of English with sense and system error where there are any.
[[nodiscard]] std::string text(const failure& what);

/// `value()` on a failure is a bug of ours; it throws std::logic_error.
[[noreturn]] void throw_exception_from_error(const failure& what,
                                             const boost::source_location& where);

template <class T>
using result = boost::system::result<T, failure>;

} // namespace sgpr
