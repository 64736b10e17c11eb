// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/model.hpp"

#include <cstddef>

/// What the two transfer syntaxes make of a shape (C706 14.2, 14.3; MS-RPCE 2.2.5).
namespace bridge::idlc {

/// Alignment of a shape's inline part, and what a structure that holds it is aligned to.
struct alignment {
    unsigned ndr = 1;
    unsigned ndr64 = 1;

    bool operator==(const alignment&) const = default;
};
alignment alignment_of(const shape& s);
alignment alignment_of(const struct_type& s);
alignment alignment_of(const union_type& u);

/// Bytes that the inline part takes at least, in either syntax; bounds counts of received arrays.
std::size_t least_size(const shape& s);

/// True when something follows the inline part of the outermost structure: pointees.
bool has_deferred(const shape& s);

/// The conformant array at the end of a structure, whose count travels in front of it; null when
/// there is none.
const member* conformant_member(const struct_type& s);

/// True for an array or structure that starts with a conformance.
bool has_conformance(const shape& s);

/// True when a pointer's target is, or holds elements of, a type that contains itself.
bool target_recurses(const shape& pointer);

} // namespace bridge::idlc
