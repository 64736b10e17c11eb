// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/command/console.hpp"

#include <string>

namespace sgpr::command_line {

// Commands that change registrations and reservations. Each reads back what became of it; what the
// disk shows is printed and decides the exit status.

struct change_request {
    std::string disk{};
    key own{};
    key victim{};
    reservation_type type = reservation_type::write_exclusive_registrants_only;
    bool persist = false; ///< APTPL; stays on where it is on already
    bool replace = false; ///< register over another key
    bool abort = false;   ///< PREEMPT AND ABORT
    bool yes = false;     ///< what costs others their registration
};

exit_code register_disk(const console& with, const change_request& what);
exit_code unregister_disk(const console& with, const change_request& what);
exit_code reserve_disk(const console& with, const change_request& what);
exit_code release_disk(const console& with, const change_request& what);
exit_code preempt_key(const console& with, const change_request& what);
exit_code clear_disk(const console& with, const change_request& what);

} // namespace sgpr::command_line
