// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/endpoint_directory.hpp"
#include "bridge/dcerpc/service.hpp"
#include "bridge/epm/tower.hpp"
#include "gen/epmapper.hpp"

#include <string_view>
#include <vector>

namespace bridge::epm {

/// Status values of the endpoint mapper (C706 Appendix E).
inline constexpr std::uint32_t status_ok = 0;
inline constexpr std::uint32_t status_not_registered = 0x16c9a0d6;
inline constexpr std::uint32_t status_cannot_perform = 0x16c9a0cd;

/// An entry of the map as this server answers it.
struct entry {
    const dcerpc::interface* target = nullptr;
    tower where;
};

/// The endpoint mapper (C706 Appendix O, MS-RPCE 2.2.1.2) over what this server itself offers. It
/// answers the address that the client connected to, TCP only; nobody can add or remove entries.
/// Lookup handles are places in the list, so nothing is held for a client.
class endpoint_mapper {
public:
    /// `directory` outlives this.
    explicit endpoint_mapper(const dcerpc::endpoint_directory& directory);
    endpoint_mapper(const endpoint_mapper&) = delete;
    endpoint_mapper& operator=(const endpoint_mapper&) = delete;

    /// To be offered on port 135; lives as long as this.
    [[nodiscard]] const dcerpc::interface& offered() const { return interface_; }

    /// What a client that connected to `local_address` is told, in order, an interface and port
    /// once.
    [[nodiscard]] std::vector<entry> entries(std::string_view local_address) const;

private:
    void map(const dcerpc::call& c, const gen::epmapper::ept_map_in& in,
             gen::epmapper::ept_map_out& out);
    void lookup(const dcerpc::call& c, const gen::epmapper::ept_lookup_in& in,
                gen::epmapper::ept_lookup_out& out);
    void free_handle(const dcerpc::call& c, const gen::epmapper::ept_lookup_handle_free_in& in,
                     gen::epmapper::ept_lookup_handle_free_out& out);
    template <class In, class Out>
    void refuse(const dcerpc::call&, const In&, Out& out) {
        out.status = status_cannot_perform;
    }

    const dcerpc::endpoint_directory& directory_;
    dcerpc::interface interface_;
};

} // namespace bridge::epm
