// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/layout.hpp"

#include <algorithm>
#include <set>

namespace bridge::idlc {

namespace {

alignment both(unsigned n) {
    return {n, n};
}

alignment widest(alignment a, alignment b) {
    return {std::max(a.ndr, b.ndr), std::max(a.ndr64, b.ndr64)};
}

alignment of_base(primitive base) {
    switch (base) {
    case primitive::u8:
    case primitive::i8:
    case primitive::character:
        return both(1);
    case primitive::u16:
    case primitive::i16:
    case primitive::wchar:
        return both(2);
    case primitive::u32:
    case primitive::i32:
    case primitive::f32:
        return both(4);
    case primitive::u64:
    case primitive::i64:
    case primitive::f64:
        return both(8);
    case primitive::unsigned_pointer_sized:
    case primitive::signed_pointer_sized:
        return {4, 8};
    }
    return both(1);
}

bool deferred(const shape& s, std::set<const void*>& seen) {
    switch (s.what) {
    case shape::kind::pointer:
        return true;
    case shape::kind::array:
        return deferred(*s.target, seen);
    case shape::kind::structure:
        return seen.insert(s.structure).second &&
               std::any_of(s.structure->members.begin(), s.structure->members.end(),
                           [&](const member& m) { return deferred(*m.type, seen); });
    case shape::kind::union_:
        return seen.insert(s.union_).second &&
               std::any_of(s.union_->arms.begin(), s.union_->arms.end(),
                           [&](const union_type::arm& a) {
                               return a.content && deferred(*a.content->type, seen);
                           });
    default:
        return false;
    }
}

} // namespace

alignment alignment_of(const shape& s) {
    switch (s.what) {
    case shape::kind::base:
        return of_base(s.base);
    case shape::kind::enumeration:
        return s.enumeration->wide ? both(4) : alignment{2, 4};
    case shape::kind::structure:
        return alignment_of(*s.structure);
    case shape::kind::union_:
        return alignment_of(*s.union_);
    case shape::kind::guid:
    case shape::kind::handle:
        return both(4);
    case shape::kind::pointer:
        return {4, 8};
    case shape::kind::array: {
        // Offset and actual count are part of the inline representation.
        const alignment element = alignment_of(*s.target);
        return s.varying() ? widest(element, {4, 8}) : element;
    }
    }
    return both(1);
}

alignment alignment_of(const struct_type& s) {
    alignment out;
    for (const member& m : s.members)
        out = widest(out, alignment_of(*m.type));
    return out;
}

alignment alignment_of(const union_type& u) {
    alignment out = alignment_of(*u.tag);
    for (const union_type::arm& a : u.arms) {
        if (a.content)
            out = widest(out, alignment_of(*a.content->type));
    }
    return out;
}

std::size_t least_size(const shape& s) {
    switch (s.what) {
    case shape::kind::guid:
        return 16;
    case shape::kind::handle:
        return 20;
    case shape::kind::structure: {
        std::size_t sum = 0;
        for (const member& m : s.structure->members)
            sum += least_size(*m.type);
        return sum;
    }
    case shape::kind::union_:
        return s.union_->tagged ? alignment_of(*s.union_->tag).ndr : 0;
    case shape::kind::array:
        if (s.varying())
            return 8;
        return s.fixed ? static_cast<std::size_t>(*s.fixed) * least_size(*s.target) : 0;
    default:
        return alignment_of(s).ndr; // base types and pointers are as long as their alignment
    }
}

bool has_deferred(const shape& s) {
    std::set<const void*> seen;
    return deferred(s, seen);
}

const member* conformant_member(const struct_type& s) {
    if (s.members.empty() || !has_conformance(*s.members.back().type))
        return nullptr;
    return &s.members.back();
}

bool has_conformance(const shape& s) {
    if (s.what == shape::kind::structure)
        return conformant_member(*s.structure) != nullptr;
    return s.conformant();
}

bool target_recurses(const shape& pointer) {
    const shape* s = pointer.target.get();
    while (s->is_array())
        s = s->target.get();
    return s->what == shape::kind::structure && s->structure->recursive;
}

} // namespace bridge::idlc
