// SPDX-License-Identifier: Apache-2.0
#include "bridge/epm/endpoint_mapper.hpp"

#include "bridge/epm/stub.hpp"
#include "gen/epmapper.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

namespace bridge::epm {

namespace wire = gen::epmapper;

namespace {

// The place in the list travels in the first field; the rest says that the handle is one of ours.
constexpr win32::guid handle_mark{
    0, 0xc1b5, 0x4e70, {0x8e, 0x6d, 0x61, 0x70, 0x70, 0x65, 0x72, 0x31}};

ndr::context_handle handle_of(std::size_t place) {
    ndr::context_handle handle;
    handle.uuid = handle_mark;
    handle.uuid.data1 = static_cast<std::uint32_t>(place);
    return handle;
}

/// The place that a handle stands for; nullopt when it is none of ours.
std::optional<std::size_t> place_of(const ndr::context_handle& handle) {
    if (handle.is_null()) {
        return 0;
    }
    auto mark = handle.uuid;
    mark.data1 = 0;
    if (handle.attributes != 0 || mark != handle_mark) {
        return std::nullopt;
    }
    return handle.uuid.data1;
}

// rpc_c_ep_* and rpc_c_vers_* (C706 Appendix O and 3.1.8).
constexpr std::uint32_t inquire_by_interface = 1;
constexpr std::uint32_t inquire_by_object = 2;
constexpr std::uint32_t inquire_by_both = 3;
enum class version_option : std::uint32_t {
    all = 1,
    compatible = 2,
    exact = 3,
    major_only = 4,
    up_to = 5
};

bool version_fits(const dcerpc::syntax_id& id, const wire::RPC_IF_ID& asked, std::uint32_t option) {
    switch (static_cast<version_option>(option)) {
    case version_option::compatible:
        return id.major_version == asked.VersMajor && id.minor_version >= asked.VersMinor;
    case version_option::exact:
        return id.major_version == asked.VersMajor && id.minor_version == asked.VersMinor;
    case version_option::major_only:
        return id.major_version == asked.VersMajor;
    case version_option::up_to:
        return id.major_version < asked.VersMajor ||
               (id.major_version == asked.VersMajor && id.minor_version <= asked.VersMinor);
    case version_option::all:
        break;
    }
    return true;
}

bool selected(const entry& e, const wire::ept_lookup_in& in) {
    if (in.inquiry_type == inquire_by_object) {
        return false; // nothing is registered for an object
    }
    if (in.inquiry_type != inquire_by_interface && in.inquiry_type != inquire_by_both) {
        return true;
    }
    return in.Ifid && e.target->id.uuid == in.Ifid->Uuid &&
           version_fits(e.target->id, *in.Ifid, in.vers_option);
}

bool same_interface(const dcerpc::syntax_id& offered, const dcerpc::syntax_id& asked) {
    return offered.uuid == asked.uuid && offered.major_version == asked.major_version &&
           offered.minor_version >= asked.minor_version;
}

bool known_transfer(const dcerpc::syntax_id& syntax) {
    return syntax.uuid == dcerpc::ndr_syntax.uuid || syntax.uuid == dcerpc::ndr64_syntax.uuid;
}

bool reachable(const std::string& listening, std::string_view local_address) {
    return listening == "0.0.0.0" || listening == "::" || listening == local_address;
}

std::shared_ptr<wire::twr_t> wire_tower(const tower& where) {
    auto octets = std::make_shared<wire::twr_t>();
    octets->tower_octet_string = encode(where);
    octets->tower_length = static_cast<std::uint32_t>(octets->tower_octet_string.size());
    return octets;
}

} // namespace

void endpoint_mapper::map(const dcerpc::call& c, const wire::ept_map_in& in,
                          wire::ept_map_out& out) {
    out.status = status_not_registered;
    const auto asked = in.map_tower ? decode_tower(in.map_tower->tower_octet_string) : std::nullopt;
    if (!asked || !known_transfer(asked->transfer)) {
        return;
    }
    for (const auto& e : entries(c.local_address)) {
        if (out.ITowers.size() == in.max_towers ||
            !same_interface(e.target->id, asked->interface)) {
            continue;
        }
        auto where = e.where;
        where.transfer = asked->transfer;
        out.ITowers.push_back(wire_tower(where));
        out.status = status_ok;
    }
    out.num_towers = static_cast<std::uint32_t>(out.ITowers.size());
}

void endpoint_mapper::lookup(const dcerpc::call& c, const wire::ept_lookup_in& in,
                             wire::ept_lookup_out& out) {
    out.status = status_not_registered;
    const auto place = place_of(in.entry_handle);
    if (!place) {
        return;
    }
    const auto all = entries(c.local_address);
    std::size_t next = *place;
    for (; next < all.size() && out.entries.size() < in.max_ents; ++next) {
        if (selected(all[next], in)) {
            auto text = std::string(all[next].target->annotation);
            text.resize(std::min<std::size_t>(text.size(), wire::EPT_MAX_ANNOTATION_SIZE - 1));
            out.entries.push_back({{}, wire_tower(all[next].where), std::move(text)});
        }
    }
    out.num_ents = static_cast<std::uint32_t>(out.entries.size());
    if (out.num_ents != 0) {
        // A batch that is not full is the last: clients with large batches stop at a null handle.
        // One that is full keeps the handle: those who ask for one entry at a time go on until they
        // are told that there are none.
        if (out.num_ents == in.max_ents) {
            out.entry_handle = handle_of(next);
        }
        out.status = status_ok;
    }
}

void endpoint_mapper::free_handle(const dcerpc::call&, const wire::ept_lookup_handle_free_in&,
                                  wire::ept_lookup_handle_free_out& out) {
    out.status = status_ok;
}

endpoint_mapper::endpoint_mapper(const dcerpc::endpoint_directory& directory)
    : directory_(directory) {
    using dcerpc::immediate_method;
    using self = endpoint_mapper;
    static const std::array<dcerpc::method, 7> table{{
        {wire::ept_insert::name,
         immediate_method{serve<wire::ept_insert, self,
                                &self::refuse<wire::ept_insert_in, wire::ept_insert_out>>}},
        {wire::ept_delete::name,
         immediate_method{serve<wire::ept_delete, self,
                                &self::refuse<wire::ept_delete_in, wire::ept_delete_out>>}},
        {wire::ept_lookup::name, immediate_method{serve<wire::ept_lookup, self, &self::lookup>}},
        {wire::ept_map::name, immediate_method{serve<wire::ept_map, self, &self::map>}},
        {wire::ept_lookup_handle_free::name,
         immediate_method{serve<wire::ept_lookup_handle_free, self, &self::free_handle>}},
        {wire::ept_inq_object::name,
         immediate_method{serve<wire::ept_inq_object, self,
                                &self::refuse<wire::ept_inq_object_in, wire::ept_inq_object_out>>}},
        {wire::ept_mgmt_delete::name,
         immediate_method{
             serve<wire::ept_mgmt_delete, self,
                   &self::refuse<wire::ept_mgmt_delete_in, wire::ept_mgmt_delete_out>>}},
    }};
    interface_ = {
        {wire::interface_uuid, wire::interface_major_version, wire::interface_minor_version},
        "epmapper",
        "Endpoint Mapper",
        auth::protection_level::none,
        table,
        this};
}

std::vector<entry> endpoint_mapper::entries(std::string_view local_address) const {
    std::vector<entry> all;
    for (const auto& e : directory_.endpoints()) {
        if (!reachable(e.address, local_address) ||
            std::any_of(all.begin(), all.end(), [&](const entry& known) {
                return known.target == e.target && known.where.port == e.port;
            })) {
            continue;
        }
        all.push_back(
            {e.target, {e.target->id, dcerpc::ndr_syntax, e.port, ipv4_octets(local_address)}});
    }
    return all;
}

} // namespace bridge::epm
