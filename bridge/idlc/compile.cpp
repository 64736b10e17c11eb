// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/compile.hpp"

#include "bridge/idlc/parser.hpp"

#include <fstream>
#include <list>
#include <set>
#include <sstream>

namespace bridge::idlc {

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file)
        throw std::runtime_error("cannot read " + path.string());
    return text.str();
}

/// Every file of a compilation; names and texts stay where they are, because tokens point to them.
class file_set {
public:
    file_set(const request& wanted, resolver& types) : wanted_(wanted), types_(types) {}

    void load(const fs::path& path, bool is_main) {
        if (!seen_.insert(fs::weakly_canonical(path)).second)
            return;
        const std::string& name = kept_.emplace_back(path.filename().string());
        const std::string& text = kept_.emplace_back(read(path));
        const document parsed = parse(text, name);
        for (const document::import& wanted : parsed.imports)
            load(find(path, wanted), false);
        types_.add(parsed, is_main);
    }

private:
    fs::path find(const fs::path& from, const document::import& wanted) const {
        if (const fs::path beside = from.parent_path() / wanted.path; fs::exists(beside))
            return beside;
        for (const fs::path& directory : wanted_.import_directories) {
            if (fs::exists(directory / wanted.path))
                return directory / wanted.path;
        }
        throw error(wanted.where, "cannot find '" + wanted.path + "'");
    }

    const request& wanted_;
    resolver& types_;
    std::set<fs::path> seen_;
    std::list<std::string> kept_;
};

} // namespace

std::vector<generated_file> compile(const request& wanted) {
    resolver types(wanted.secrets);
    file_set files(wanted, types);
    files.load(wanted.input, true);
    const interface_model model = types.finish();
    const output_names names{wanted.name, wanted.input.filename().string()};
    const std::string base = "gen/" + wanted.name;
    std::vector<generated_file> out{
        {base + ".hpp", emit_header(model, names)},
        {base + "_codec.hpp", emit_codec_header(model, names)},
        {base + "_types.cpp", emit_types(model, names)},
        {base + "_print.cpp", emit_print(model, names)},
        {base + "_table.cpp", emit_table(model, names)},
    };
    for (std::size_t part = 0; part < wanted.parts; ++part)
        out.emplace_back(base + "_methods_" + std::to_string(part) + ".cpp",
                         emit_methods(model, names, part, wanted.parts));
    return out;
}

} // namespace bridge::idlc
