// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/registry_commands.hpp"

#include "bridge/cli/registry_difference.hpp"
#include "bridge/cli/registry_source.hpp"
#include "bridge/cli/registry_status.hpp"
#include "bridge/model/registry_batch_codec.hpp"
#include "bridge/model/registry_text.hpp"
#include "bridge/registry/restore.hpp"

#include <boost/algorithm/hex.hpp>
#include <boost/json/serialize.hpp>

#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

namespace bridge::cli {

namespace json = boost::json;

namespace {

constexpr const char* dead_warning =
    "Say this only when NODE IS SWITCHED OFF or its clusbridged is known to have ended, and "
    "cannot\n"
    "come back by itself with what it had. The registry then goes on without it. If it does run,\n"
    "both may take writes, and those of one of them will be lost.\n";

constexpr const char* force_warning =
    "This node's copy of the registry becomes the registry of the cluster, whatever the others\n"
    "hold. Writes that were acknowledged elsewhere and are not in this copy ARE LOST, and nobody\n"
    "will notice. The stores of all other nodes are set aside when they return.\n"
    "Do it only when a majority of the members will never return with their stores, on the node\n"
    "whose copy is the newest (highest epoch, then highest log entry, in `clusbridge registry\n"
    "status`), and only once. Other clusbridged must not be active anywhere else.\n";

exit_code complain(const console& with, const failure& what) {
    with.err << "clusbridge: " << what.text << '\n';
    return what.status;
}

/// Whether to go on; else why not.
std::optional<exit_code> refused(const console& with, const std::string& question, bool yes) {
    if (yes)
        return std::nullopt;
    const auto answer = with.confirm(question);
    if (!answer)
        return complain(with, {exit_needs_force, "there is no terminal to ask on: give --yes"});
    if (*answer)
        return std::nullopt;
    with.err << "Nothing was done.\n";
    return exit_error;
}

std::string restore_id() {
    std::random_device random;
    std::ostringstream out;
    out << std::hex << random() << 'r' << random() << 'r' << random() << 'r' << random();
    return out.str();
}

result<json::object> send(const control_client& daemon, const model::registry_batch& batch) {
    const std::vector<std::byte> bytes = model::encode_batch(batch);
    std::string text;
    text.reserve(2 * bytes.size());
    const auto* first = reinterpret_cast<const unsigned char*>(bytes.data());
    boost::algorithm::hex(first, first + bytes.size(), std::back_inserter(text));
    json::object arguments;
    arguments["batch"] = text;
    return daemon.ask("registry.commit", std::move(arguments));
}

/// Why the staged copy does not fit beside what is there; empty: it does.
std::string too_large(const model::registry_tree& running, std::size_t saved) {
    constexpr std::size_t limit = model::registry_limit::tree_bytes;
    if (saved <= limit && running.bytes() <= limit - saved)
        return {};
    return "a restore needs room for both: the registry holds " + std::to_string(running.bytes()) +
           " bytes, what is to be restored takes " + std::to_string(saved) +
           ", and a registry has room for " + std::to_string(limit);
}

} // namespace

exit_code registry_status(const control_client& daemon, const console& with, bool as_json) {
    const auto status = daemon.ask("registry.status");
    if (!status)
        return complain(with, status.error());
    if (as_json)
        with.out << json::serialize(*status) << '\n';
    else
        write_status(with.out, *status);
    return exit_ok;
}

exit_code registry_backup(const control_client& daemon, const console& with,
                          const std::filesystem::path& file, bool stale) {
    const auto exported = exported_registry::make(daemon, stale);
    if (!exported)
        return complain(with, exported.error());
    if (const auto copied = copy_durably(exported->path(), file); !copied)
        return complain(with, copied.error());
    if (exported->stale())
        with.err << "clusbridge: the registry is not active here: the backup may lack what others "
                    "have\n";
    with.out << file.string() << ": the registry at entry " << exported->index() << '\n';
    return exit_ok;
}

exit_code registry_dump(const control_client& daemon, const console& with,
                        const std::string& source, const std::filesystem::path& out, bool stale) {
    const auto tree = read_registry(source, daemon, with.in, stale);
    if (!tree)
        return complain(with, tree.error());
    if (out.empty()) {
        with.out << model::dump_text(*tree);
        return exit_ok;
    }
    std::ofstream to(out, std::ios::trunc);
    to << model::dump_text(*tree);
    if (!to.flush())
        return complain(with, {exit_cannot_create, out.string() + ": cannot be written"});
    return exit_ok;
}

exit_code registry_diff(const control_client& daemon, const console& with,
                        const std::string& before, const std::string& after, bool stale) {
    const auto trouble = [&with](failure what) {
        if (what.status <= exit_error) // that would say "different"
            what.status = exit_bad_parameter;
        return complain(with, what);
    };
    if (before == "-" && after == "-")
        return trouble({exit_bad_parameter, "standard input can be read only once"});
    const auto from = read_registry(before, daemon, with.in, stale);
    if (!from)
        return trouble(from.error());
    const auto to = read_registry(after, daemon, with.in, stale);
    if (!to)
        return trouble(to.error());
    return write_difference(with.out, *from, before, *to, after).any() ? exit_error : exit_ok;
}

exit_code registry_restore(const control_client& daemon, const console& with,
                           const std::string& source, bool yes) {
    if (source == "live" || source == "-")
        return complain(with, {exit_bad_parameter, "a restore needs a file"});
    auto saved = read_registry_file(source);
    if (!saved)
        return complain(with, saved.error());
    const auto running = live_registry(daemon, false);
    if (!running)
        return complain(with, running.error());
    const auto batches = registry::restore_batches(*saved, restore_id());
    const std::size_t bytes = saved->save().size();
    const auto target = registry::restored(*running, std::move(*saved));
    const std::string reason = too_large(*running, bytes);
    if (!target || !reason.empty())
        return complain(with, {exit_data, target ? reason : source + ": larger than a registry"});
    const auto counts = write_difference(with.out, *running, "live", *target, source);
    if (!counts.any()) {
        with.out << "Nothing differs.\n";
        return exit_ok;
    }
    with.err << counts.removed << " lines go, " << counts.added << " come.\n";
    if (const auto no = refused(with, "Replace the registry of the whole cluster?", yes))
        return *no;
    result<json::object> last = json::object();
    for (const model::registry_batch& batch : batches) {
        last = send(daemon, batch);
        if (!last)
            return complain(with, last.error());
    }
    const json::value* index = last->if_contains("index");
    with.out << "Restored";
    if (index != nullptr)
        with.out << " at entry " << json::serialize(*index);
    with.out << ".\n";
    return exit_ok;
}

exit_code registry_confirm_dead(const control_client& daemon, const console& with,
                                std::uint32_t node, bool yes) {
    if (!yes)
        with.err << dead_warning;
    if (const auto no =
            refused(with, "Is node " + std::to_string(node) + " dead for certain?", yes))
        return *no;
    json::object arguments;
    arguments["node"] = node;
    const auto status = daemon.ask("registry.confirm_dead", std::move(arguments));
    if (!status)
        return complain(with, status.error());
    write_status(with.out, *status);
    return exit_ok;
}

exit_code registry_force(const control_client& daemon, const console& with, bool yes) {
    with.err << force_warning;
    if (const auto no = refused(with, "Begin a new registry with this node's copy?", yes))
        return *no;
    json::object arguments;
    arguments["yes"] = true;
    const auto status = daemon.ask("registry.force", std::move(arguments));
    if (!status)
        return complain(with, status.error());
    write_status(with.out, *status);
    return exit_ok;
}

} // namespace bridge::cli
