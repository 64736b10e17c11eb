// SPDX-License-Identifier: Apache-2.0
#include "sgpr/failure.hpp"

#include <cstring>
#include <stdexcept>
#include <system_error>

namespace sgpr {

std::string_view text(errc code) {
    switch (code) {
    case errc::gone:
        return "device gone";
    case errc::timeout:
        return "timeout";
    case errc::busy:
        return "device busy";
    case errc::reservation_conflict:
        return "reservation conflict";
    case errc::not_ready:
        return "not ready";
    case errc::registrations_preempted:
        return "registrations preempted";
    case errc::unsupported:
        return "not supported by the device";
    case errc::invalid:
        return "invalid request";
    case errc::write_protected:
        return "write protected";
    case errc::medium:
        return "medium error";
    case errc::hardware:
        return "hardware error";
    case errc::aborted:
        return "command aborted";
    case errc::no_space:
        return "no space left on the thin unit";
    case errc::malformed:
        return "malformed answer";
    case errc::transport:
        return "path failed";
    case errc::system:
        return "system error";
    }
    return "unknown failure";
}

std::string text(const failure& what) {
    std::string line(text(what.code));
    if (what.sense.key != sense_key::no_sense || what.sense.code != 0) {
        line += ": " + text(what.sense);
    }
    if (what.os_error != 0) {
        line += ": " + std::generic_category().message(what.os_error);
    }
    return line;
}

void throw_exception_from_error(const failure& what, const boost::source_location&) {
    throw std::logic_error("value() of a failure: " + text(what));
}

} // namespace sgpr
