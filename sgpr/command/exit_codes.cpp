// SPDX-License-Identifier: Apache-2.0
#include "sgpr/command/exit_codes.hpp"

#include <cerrno>

namespace sgpr::command_line {

exit_code status_of(const failure& problem) {
    switch (problem.code) {
    case errc::gone:
    case errc::transport:
        return exit_unavailable;
    case errc::timeout:
        return exit_timeout;
    case errc::busy:
        return exit_try_again;
    case errc::reservation_conflict:
    case errc::registrations_preempted:
    case errc::write_protected:
        return exit_refused;
    case errc::unsupported:
        return exit_unsupported;
    case errc::invalid:
        return exit_bad_parameter;
    case errc::malformed:
        return exit_protocol;
    case errc::system:
        return problem.os_error == EACCES || problem.os_error == EPERM ? exit_privileges
                                                                       : exit_error;
    case errc::not_ready:
    case errc::medium:
    case errc::hardware:
    case errc::aborted:
    case errc::no_space:
        break;
    }
    return exit_error;
}

} // namespace sgpr::command_line
