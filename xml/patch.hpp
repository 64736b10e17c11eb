// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "xml/cib.hpp"
#include "xml/derive.hpp"

namespace bridge::xml {

/// Applies the changes of `diff` (a `<diff format="2">` element) to the document below `cib` and
/// notes in `dirty` what they touch. After `failed` the document is in no defined state.
patch_result apply_changes(xmlNode* cib, const xmlNode* diff, dirty_set& dirty);

} // namespace bridge::xml
