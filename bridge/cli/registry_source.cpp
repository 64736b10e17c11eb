// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/registry_source.hpp"

#include "bridge/model/registry_text.hpp"
#include "bridge/registry/store.hpp"
#include "bridge/registry/store_files.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace bridge::cli {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr std::string_view export_prefix = "export-";
/// Older ones were left by a command that was killed.
constexpr std::chrono::hours export_age{1};
constexpr std::string_view sqlite_mark = "SQLite format 3";

std::string random_name() {
    std::random_device random;
    std::ostringstream out;
    out << export_prefix << std::hex << random() << random() << ".db";
    return out.str();
}

void remove_leftovers(const fs::path& folder) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (!entry.path().filename().string().starts_with(export_prefix) ||
            !entry.is_regular_file(ignored))
            continue;
        const auto age = fs::file_time_type::clock::now() - entry.last_write_time(ignored);
        if (age > export_age)
            fs::remove(entry.path(), ignored);
    }
}

result<model::registry_tree> tree_of(const fs::path& backup) {
    auto content = registry::read_backup(backup);
    if (!content)
        return failure{exit_data, content.error().what};
    std::vector<model::registry_row> rows;
    rows.reserve(content->rows.size());
    for (registry::row_change& row : content->rows)
        rows.push_back({std::move(row.key), std::move(row.value)});
    auto tree = model::registry_tree::from_rows(rows);
    if (!tree)
        return failure{exit_data, backup.string() + " holds rows that are no registry"};
    return std::move(*tree);
}

result<model::registry_tree> tree_of_text(std::istream& in, const std::string& name) {
    std::string text;
    std::vector<char> part(1U << 16);
    while (in.read(part.data(), static_cast<std::streamsize>(part.size())), in.gcount() > 0) {
        text.append(part.data(), static_cast<std::size_t>(in.gcount()));
        if (text.size() > model::max_registry_text)
            break; // parse_text() says so
    }
    if (in.bad())
        return failure{exit_no_input, name + ": cannot be read"};
    auto parsed = model::parse_text(text);
    if (!parsed.tree)
        return failure{exit_data, name + ":" + std::to_string(parsed.line) + ": " + parsed.error};
    return std::move(*parsed.tree);
}

} // namespace

exported_registry::exported_registry(exported_registry&& other) noexcept
    : path_(std::exchange(other.path_, fs::path())), index_(other.index_), stale_(other.stale_) {}

exported_registry::~exported_registry() {
    std::error_code ignored;
    if (!path_.empty())
        fs::remove(path_, ignored);
}

result<exported_registry> exported_registry::make(const control_client& daemon, bool stale) {
    const auto status = daemon.ask("registry.status");
    if (!status)
        return status.error();
    // Beside the store: there the daemon may write, and nobody else may read.
    const fs::path store = text_in(*status, "file");
    if (!store.is_absolute())
        return failure{exit_protocol, "the daemon does not say where its store is"};
    remove_leftovers(store.parent_path());
    exported_registry out(store.parent_path() / random_name());
    json::object arguments;
    arguments["path"] = out.path_.string();
    arguments["stale"] = stale;
    const auto made = daemon.ask("registry.backup", std::move(arguments));
    if (!made)
        return made.error();
    boost::system::error_code error;
    const json::value* index = made->if_contains("index");
    const json::value* old = made->if_contains("stale");
    if (index != nullptr)
        out.index_ = index->to_number<std::uint64_t>(error);
    if (index == nullptr || error)
        return failure{exit_protocol, "the daemon's answer is not understood"};
    out.stale_ = old != nullptr && old->is_bool() && old->get_bool();
    return out;
}

result<model::registry_tree> live_registry(const control_client& daemon, bool stale) {
    const auto exported = exported_registry::make(daemon, stale);
    if (!exported)
        return exported.error();
    return tree_of(exported->path());
}

result<model::registry_tree> read_registry_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string mark(sqlite_mark.size(), '\0');
    std::error_code error;
    if (fs::is_directory(file, error) || !in)
        return failure{exit_no_input, file.string() + ": cannot be read"};
    in.read(mark.data(), static_cast<std::streamsize>(mark.size()));
    if (in && mark == sqlite_mark)
        return tree_of(file);
    in.clear();
    in.seekg(0);
    return tree_of_text(in, file.string());
}

result<model::registry_tree> read_registry(const std::string& name, const control_client& daemon,
                                           std::istream& input, bool stale) {
    if (name == "live")
        return live_registry(daemon, stale);
    if (name == "-")
        return tree_of_text(input, "standard input");
    return read_registry_file(name);
}

result<void> copy_durably(const fs::path& from, const fs::path& to) {
    const auto cannot = [&to](const std::error_code& error) {
        return failure{exit_cannot_create, to.string() + ": cannot be written: " + error.message()};
    };
    std::error_code error;
    const auto there = fs::status(to, error);
    if (fs::exists(there) && !fs::is_regular_file(there))
        return failure{exit_cannot_create, to.string() + " is there and is no file"};
    fs::path part = to;
    part += ".part";
    fs::remove(part, error);
    if (const auto refused = registry::make_private_file(part))
        return cannot(refused);
    {
        std::ifstream in(from, std::ios::binary);
        std::ofstream out(part, std::ios::binary | std::ios::trunc);
        out << in.rdbuf();
        out.flush();
        if (!in || !out)
            error = std::make_error_code(std::errc::io_error);
    }
    if (!error)
        error = registry::sync_path(part);
    if (!error)
        fs::rename(part, to, error);
    if (!error)
        error = registry::sync_path(to.has_parent_path() ? to.parent_path() : ".");
    if (!error)
        return {};
    std::error_code ignored;
    fs::remove(part, ignored);
    return cannot(error);
}

} // namespace bridge::cli
