// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/model.hpp"

#include <functional>
#include <string>
#include <vector>

namespace bridge::idlc {

/// Where the names in a count expression live in generated code.
class count_scope {
public:
    /// Members of the structure `object`.
    static count_scope of_struct(const struct_type& type, const std::string& object);
    /// Parameters of a method: of `in`, or in a response of `out` where a parameter is [out].
    static count_scope of_request(const method& m);
    static count_scope of_response(const method& m);
    /// Nothing but constants.
    static count_scope none() { return {}; }

    /// C++ of the expression, unsigned.
    [[nodiscard]] std::string render(const expression& e) const;

    /// True when every parameter that the expression names is [in].
    static bool known_from_request(const expression& e, const method& m);

private:
    struct entry {
        const member* what;
        std::string access;
    };
    [[nodiscard]] std::string operand(const expression& e) const;
    [[nodiscard]] std::string named(const expression& e) const;

    std::vector<entry> entries_;
};

} // namespace bridge::idlc
