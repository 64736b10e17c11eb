// SPDX-License-Identifier: Apache-2.0
#include "bridge/model/property.hpp"

#include "bridge/win32/upcase.hpp"

namespace bridge::model {

const property* find_property(const property_list& list, std::string_view name) {
    for (const auto& each : list)
        if (win32::equal_names(each.name, name))
            return &each;
    return nullptr;
}

} // namespace bridge::model
