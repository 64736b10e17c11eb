// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/pdu.hpp"
#include "bridge/dcerpc/syntax.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bridge::dcerpc {

struct interface;

/// An accepted presentation context.
struct presentation {
    std::uint16_t id = 0;
    const interface* target = nullptr;
    transfer_syntax syntax = transfer_syntax::ndr;
};

/// The presentation contexts of one connection.
class presentation_table {
public:
    explicit presentation_table(std::size_t limit) : limit_(limit) {}

    /// Null when no context has this id.
    [[nodiscard]] const presentation* find(std::uint16_t id) const;

    /// How a list of proposed contexts was taken.
    enum class outcome : std::uint8_t {
        negotiated,      ///< `results` has a verdict on each item
        features_twice,  ///< two bind-time feature items
        context_changed, ///< an id is proposed again for something else
    };

    /// Takes the items of a bind or alter_context (C706 12.6.4.3, MS-RPCE 3.3.1.5.3). Items for the
    /// same interface in one list are alternatives, as Windows treats them: NDR64 if any of them
    /// offers it, else the first that fits.
    outcome negotiate(std::span<const context_item> items,
                      std::span<const interface* const> interfaces, bool offer_ndr64,
                      std::vector<context_result>& results);

private:
    context_result judge(const context_item& item, std::span<const context_item> items,
                         std::span<const interface* const> interfaces, bool offer_ndr64,
                         std::vector<const interface*>& taken, bool& changed);

    std::size_t limit_;
    std::vector<presentation> contexts_;
};

} // namespace bridge::dcerpc
