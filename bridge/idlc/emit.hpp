// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/idlc/model.hpp"

#include <cstddef>
#include <string>

/// The generated files. `name` is the base name of the files and the last part of the namespace.
namespace bridge::idlc {

struct output_names {
    std::string name;   ///< "clusapi3"
    std::string source; ///< the IDL file, for the comment at the top
};

/// gen/NAME.hpp: types, method tags, and what can be done with them.
std::string emit_header(const interface_model& model, const output_names& names);
/// gen/NAME_codec.hpp: codec templates of structures and unions, for the .cpp files below only.
std::string emit_codec_header(const interface_model& model, const output_names& names);
/// gen/NAME_types.cpp: these templates, instantiated for both syntaxes.
std::string emit_types(const interface_model& model, const output_names& names);
/// gen/NAME_methods_PART.cpp: codecs of a share of the methods.
std::string emit_methods(const interface_model& model, const output_names& names, std::size_t part,
                         std::size_t parts);
/// gen/NAME_print.cpp: printers.
std::string emit_print(const interface_model& model, const output_names& names);
/// gen/NAME_table.cpp: the function table.
std::string emit_table(const interface_model& model, const output_names& names);

/// Licence line and origin.
std::string file_comment(const output_names& names);

} // namespace bridge::idlc
