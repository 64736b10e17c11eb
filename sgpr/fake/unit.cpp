// SPDX-License-Identifier: Apache-2.0
#include "sgpr/fake/unit.hpp"

#include "sgpr/src/big_endian.hpp"

#include <algorithm>
#include <utility>

namespace sgpr::fake {
namespace {

enum operation : std::uint8_t {
    test_unit_ready = 0x00,
    request_sense = 0x03,
    inquiry_code = 0x12,
    mode_sense_6 = 0x1a,
    read_capacity_10 = 0x25,
    read_10 = 0x28,
    write_10 = 0x2a,
    synchronize_cache_10 = 0x35,
    mode_sense_10 = 0x5a,
    persistent_reserve_in = 0x5e,
    persistent_reserve_out = 0x5f,
    read_16 = 0x88,
    write_16 = 0x8a,
    synchronize_cache_16 = 0x91,
    service_action_in_16 = 0x9e,
    report_luns_code = 0xa0,
};

answer ended(verdict end) {
    return {.end = end};
}
answer sent(bytes data) {
    return {.data = std::move(data)};
}
answer invalid_operation() {
    return ended(check(sense_key::illegal_request, 0x20, 0x00));
}

answer cut(bytes data, std::uint64_t allocation) {
    data.resize(std::min<std::size_t>(data.size(), allocation));
    return sent(std::move(data));
}

/// Blocks of READ and WRITE, (10) and (16).
struct extent {
    std::uint64_t block = 0;
    std::uint64_t blocks = 0;
};

extent extent_of(const descriptor_block& cdb) {
    const auto raw = cdb.view();
    return cdb.size() == 10 ? extent{u32(raw, 2), u16(raw, 7)} : extent{u64(raw, 2), u32(raw, 10)};
}

bool outside(const settings& how, const extent& wanted) {
    return wanted.block > how.blocks || wanted.blocks > how.blocks - wanted.block;
}

answer out_of_range() {
    return ended(check(sense_key::illegal_request, 0x21, 0x00));
}

/// FUA on a unit that has it not.
bool refused_force(const profile& target, const descriptor_block& cdb) {
    return !target.forced_access && (cdb[1] & 0x08) != 0;
}

bool before_attentions(std::uint8_t code) {
    return code == inquiry_code || code == report_luns_code || code == request_sense;
}

} // namespace

unit::unit(const settings& given)
    : how(given), state(how.target), medium(how.blocks * how.block_size) {}

void unit::queue(session& to, std::uint8_t asc, std::uint8_t ascq) {
    const sense_data sense{.key = sense_key::unit_attention, .code = asc, .qualifier = ascq};
    // A condition that is already waiting is not queued twice (SAM-5 5.14).
    auto& waiting = queue_of(to);
    if (std::find(waiting.begin(), waiting.end(), sense) == waiting.end()) {
        waiting.push_back(sense);
    }
}

std::deque<sense_data>& unit::queue_of(session& of) {
    const auto& name = of.nexus.initiator.iscsi_name;
    if (!how.target.node_shares_attentions || name.empty()) {
        return of.attentions;
    }
    return std::find_if(sessions.begin(), sessions.end(),
                        [&](const session& one) { return one.nexus.initiator.iscsi_name == name; })
        ->attentions;
}

answer unit::carry_out(session& from, const command& what) {
    auto& waiting = queue_of(from);
    if (!waiting.empty() && !before_attentions(what.cdb.operation_code())) {
        const auto sense = waiting.front();
        waiting.pop_front();
        return ended({scsi_status::check_condition, sense});
    }
    auto got = dispatch(from, what);
    deliver_notices();
    return got;
}

void unit::deliver_notices() {
    for (const auto& one : state.take_notices()) {
        for (auto& to : sessions) {
            if (to.nexus.initiator == one.to.initiator &&
                (one.all_target_ports || to.nexus.target_port == one.to.target_port)) {
                queue(to, one.code, one.qualifier);
            }
        }
    }
}

answer unit::dispatch(session& from, const command& what) {
    switch (what.cdb.operation_code()) {
    case test_unit_ready:
        return {};
    case request_sense:
        return cut(encode_sense({}), what.cdb[4]);
    case inquiry_code:
        return inquiry(from, what);
    case mode_sense_6:
    case mode_sense_10:
        return mode_sense(from, what);
    case read_capacity_10:
    case service_action_in_16:
        return read_capacity(from, what);
    case read_10:
    case read_16:
        return read(from, what);
    case write_10:
    case write_16:
        return write(from, what);
    case synchronize_cache_10:
    case synchronize_cache_16:
        return synchronize(from);
    case persistent_reserve_in:
        return reserve_in(what);
    case persistent_reserve_out:
        return reserve_out(from, what);
    case report_luns_code:
        return cut({0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, u32(what.cdb.view(), 6));
    default:
        return invalid_operation();
    }
}

answer unit::inquiry(const session& from, const command& what) const {
    const auto allocation = u16(what.cdb.view(), 3);
    if ((what.cdb[1] & 1) == 0) {
        return what.cdb[2] == 0 ? cut(standard_inquiry(), allocation) : ended(invalid_in_cdb());
    }
    auto page = vital_product_page(how, from.nexus.target_port, what.cdb[2]);
    return page.empty() ? ended(invalid_in_cdb()) : cut(std::move(page), allocation);
}

answer unit::mode_sense(const session& from, const command& what) const {
    if (!state.allows(from.nexus, access::mode_sense)) {
        return ended(conflict);
    }
    const auto page = what.cdb[2] & 0x3f;
    if (page != 0x08 && page != 0x3f) {
        return ended(invalid_in_cdb());
    }
    // WP and DPOFUA, then the caching page with WCE.
    const auto device = static_cast<std::uint8_t>((write_protected ? 0x80 : 0) |
                                                  (how.target.forced_access ? 0x10 : 0));
    bytes pages(20);
    pages[0] = 0x08;
    pages[1] = 18;
    pages[2] = 0x04;
    const bool small = what.cdb.operation_code() == mode_sense_6;
    bytes raw = small ? bytes{23, 0, device, 0} : bytes{0, 26, 0, device, 0, 0, 0, 0};
    raw.insert(raw.end(), pages.begin(), pages.end());
    return cut(std::move(raw), small ? what.cdb[4] : u16(what.cdb.view(), 7));
}

answer unit::read_capacity(const session& from, const command& what) const {
    if (!state.allows(from.nexus, access::capacity)) {
        return ended(conflict);
    }
    bytes raw;
    if (what.cdb.operation_code() == read_capacity_10) {
        append(raw, std::min<std::uint64_t>(how.blocks - 1, 0xffffffffU), 4);
        append(raw, how.block_size, 4);
        return sent(std::move(raw));
    }
    if ((what.cdb[1] & 0x1f) != 0x10) {
        return ended(invalid_in_cdb());
    }
    append(raw, how.blocks - 1, 8);
    append(raw, how.block_size, 4);
    raw.resize(32);
    return cut(std::move(raw), u32(what.cdb.view(), 10));
}

answer unit::read(const session& from, const command& what) const {
    if (!state.allows(from.nexus, access::read)) {
        return ended(conflict);
    }
    const auto wanted = extent_of(what.cdb);
    if (refused_force(how.target, what.cdb)) {
        return ended(invalid_in_cdb());
    }
    if (outside(how, wanted)) {
        return out_of_range();
    }
    const auto begin = medium.begin() + static_cast<std::ptrdiff_t>(wanted.block * how.block_size);
    return sent({begin, begin + static_cast<std::ptrdiff_t>(wanted.blocks * how.block_size)});
}

answer unit::write(const session& from, const command& what) {
    if (!state.allows(from.nexus, access::write)) {
        return ended(conflict);
    }
    const auto wanted = extent_of(what.cdb);
    if (refused_force(how.target, what.cdb)) {
        return ended(invalid_in_cdb());
    }
    if (outside(how, wanted)) {
        return out_of_range();
    }
    if (what.data_out.size() != wanted.blocks * how.block_size) {
        return ended(invalid_in_cdb());
    }
    if (write_protected || full) {
        return ended(check(sense_key::data_protect, 0x27, full ? 0x07 : 0x00));
    }
    std::copy(what.data_out.begin(), what.data_out.end(),
              medium.begin() + static_cast<std::ptrdiff_t>(wanted.block * how.block_size));
    return {};
}

answer unit::synchronize(const session& from) const {
    return state.allows(from.nexus, access::write) ? answer{} : ended(conflict);
}

answer unit::reserve_in(const command& what) const {
    if (!how.target.reservations) {
        return invalid_operation();
    }
    const auto allocation = u16(what.cdb.view(), 7);
    switch (what.cdb[1] & 0x1f) {
    case 0:
        return cut(encode_keys(state), allocation);
    case 1:
        return cut(encode_reservation(state), allocation);
    case 2:
        return cut(encode_capabilities(how.target, state.persistent()), allocation);
    case 3:
        return how.target.full_status ? cut(encode_full_status(state), allocation)
                                      : ended(invalid_in_cdb());
    default:
        return ended(invalid_in_cdb());
    }
}

answer unit::reserve_out(session& from, const command& what) {
    if (!how.target.reservations) {
        return invalid_operation();
    }
    const auto decoded = decode_out(how.target, what);
    if (!decoded.end.good()) {
        return ended(decoded.end);
    }
    const auto before = state.generation();
    const auto end = state.apply(from.nexus, decoded.request);
    if (end.good() && state.generation() != before && how.target.not_ready_after_change) {
        return ended(check(sense_key::not_ready, 0x08, 0x00));
    }
    return ended(end);
}

} // namespace sgpr::fake
