// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/win32/errors.hpp"
#include "bridge/win32/invariant.hpp"

#include <boost/system/result.hpp>

namespace bridge::win32 {

/// A value or the Win32 code to answer with. `if (!x) co_return x.error();`
template <class T>
using result = boost::system::result<T, win32_error>;

/// What `value()` of a failed result does: asking it for a value is a mistake of ours.
[[noreturn]] inline void throw_exception_from_error(const win32_error& error,
                                                    const boost::source_location& where) {
    invariant_failed(to_string(error).c_str(), where.file_name(), static_cast<int>(where.line()));
}

} // namespace bridge::win32
