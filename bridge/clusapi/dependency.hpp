// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/model/snapshot.hpp"
#include "bridge/win32/errors.hpp"

#include <cstddef>
#include <string>

/// Dependencies between resources (MS-CMRP 3.1.1.1.2).
namespace bridge::clusapi {

/// Longest chain of dependencies.
inline constexpr std::size_t max_dependency_depth = 100;

/// Normal form of the dependency expression, with identifiers: "([a] or [b]) and ([c])"; empty when
/// there are none.
std::string dependency_text(const model::resource& resource);

/// Whether `dependent` could be made to depend on `provider` (MS-CMRP 3.1.4.2.22).
win32::win32_error check_new_dependency(const model::snapshot& cluster,
                                        const model::resource& dependent,
                                        const model::resource& provider);

/// The computer name that a Network Name resource stands for: its property Name, else its own name.
std::string network_name_of(const model::snapshot& cluster, const model::resource& resource);

} // namespace bridge::clusapi
