// SPDX-License-Identifier: Apache-2.0
#include "bridge/ndr/types.hpp"

namespace bridge::ndr {

std::string_view to_string(errc code) {
    switch (code) {
    case errc::none:
        return "none";
    case errc::truncated:
        return "truncated";
    case errc::count_exceeds_data:
        return "count_exceeds_data";
    case errc::count_mismatch:
        return "count_mismatch";
    case errc::nonzero_offset:
        return "nonzero_offset";
    case errc::length_exceeds_count:
        return "length_exceeds_count";
    case errc::unterminated_string:
        return "unterminated_string";
    case errc::null_reference:
        return "null_reference";
    case errc::null_with_count:
        return "null_with_count";
    case errc::union_tag_mismatch:
        return "union_tag_mismatch";
    case errc::unknown_union_arm:
        return "unknown_union_arm";
    case errc::out_of_range:
        return "out_of_range";
    case errc::too_deep:
        return "too_deep";
    case errc::too_many_referents:
        return "too_many_referents";
    case errc::bad_referent:
        return "bad_referent";
    case errc::too_large:
        return "too_large";
    }
    return "unknown";
}

} // namespace bridge::ndr
