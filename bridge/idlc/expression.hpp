// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/syntax_tree.hpp"

#include <functional>
#include <string>

namespace bridge::idlc {

/// Value of an expression of numbers and names; `lookup` gives the names' values and throws error
/// for unknown ones. Arithmetic is modulo 2^64, as in generated code. Throws error on division by
/// zero.
std::uint64_t evaluate(const expression& e,
                       const std::function<std::uint64_t(const expression&)>& lookup);

/// Calls `visit` for every name in the expression.
void each_name(const expression& e, const std::function<void(const expression& name)>& visit);

/// The expression as IDL text: "size_is" arguments for comments.
std::string to_text(const expression& e);

} // namespace bridge::idlc
