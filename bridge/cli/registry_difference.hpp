// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/registry_tree.hpp"

#include <cstddef>
#include <ostream>
#include <string>

namespace bridge::cli {

/// How many of what differs.
struct difference_counts {
    std::size_t removed = 0; ///< lines of `from`
    std::size_t added = 0;   ///< lines of `to`

    [[nodiscard]] bool any() const { return removed + added != 0; }
};

/// Writes what differs in the manner of a unified difference: lines as in the text form
/// (model/registry_text.hpp), a heading with the key over those of each key. Nothing when both show
/// the same text; times do not count.
///
///     --- before
///     +++ after
///     @@ key Resources\0c0ffee0-... @@
///     -  "Name" = sz "Web"
///     +  "Name" = sz "Web Site"
difference_counts write_difference(std::ostream& out, const model::registry_tree& from,
                                   const std::string& from_name, const model::registry_tree& to,
                                   const std::string& to_name);

} // namespace bridge::cli
