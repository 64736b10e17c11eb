// SPDX-License-Identifier: Apache-2.0
#include "sgpr/command/application.hpp"

#include "sgpr/command/blocks.hpp"
#include "sgpr/command/changes.hpp"
#include "sgpr/command/views.hpp"
#include "sgpr/command/watch.hpp"
#include "sgpr/guard/command_line.hpp"
#include "sgpr/validate/command.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <functional>
#include <memory>

namespace sgpr::command_line {
namespace {

/// What the options of one verb are read into; lives as long as the command line.
struct verb {
    change_request change{};
    watch_request watch{};
    block_request blocks{};
    double interval_s = 1;
    std::string own{};
    std::string victim{};
    std::string type = "WERO";
};
using verb_pointer = std::shared_ptr<verb>;
using change_function = exit_code (*)(const console&, const change_request&);

struct session {
    CLI::App& app;
    console& with;
    int status = exit_ok;
};

CLI::App* add_verb(session& in, const char* name, const char* help) {
    CLI::App* made = in.app.add_subcommand(name, help);
    made->add_flag("--json", in.with.json, "Print JSON");
    return made;
}

CLI::App* add_disk_verb(session& in, const char* name, const char* help, const verb_pointer& into) {
    CLI::App* made = add_verb(in, name, help);
    made->add_option("DISK", into->change.disk,
                     "Page 83h identity (naa...., wwn-0x...), /dev/..., sdX, dm-N, map or H:C:T:L")
        ->required();
    return made;
}

void add_views(session& in) {
    add_verb(in, "list", "Show the disks of this machine")->callback([&in] {
        in.status = list_disks(in.with);
    });
    const auto shown = std::make_shared<verb>();
    add_disk_verb(in, "show", "Show everything about one disk", shown)->callback([&in, shown] {
        in.status = show_disk(in.with, shown->change.disk);
    });
    struct row {
        const char* name;
        const char* help;
        reservation_view what;
    };
    for (const row& one :
         {row{"keys", "Read the registered keys", reservation_view::keys},
          row{"reservation", "Read the reservation", reservation_view::reservation},
          row{"status", "Read registrations by initiator and the reservation",
              reservation_view::status}}) {
        const auto into = std::make_shared<verb>();
        add_disk_verb(in, one.name, one.help, into)->callback([&in, into, what = one.what] {
            in.status = show_reservations(in.with, into->change.disk, what);
        });
    }
}

exit_code change(const console& with, verb& said, change_function action) {
    const auto own = parse_key(said.own);
    const auto victim = said.victim.empty() ? own : parse_key(said.victim);
    if (!own || !victim)
        return complain(with, exit_bad_parameter,
                        "a key is 1 to 16 hexadecimal digits and not 0, such as 0x1a2b");
    const auto type = parse_type(said.type);
    if (!type)
        return complain(with, exit_bad_parameter,
                        "a type is WE (1), EA (3), WERO (5), EARO (6), WEAR (7) or EAAR (8)");
    said.change.own = *own;
    said.change.victim = *victim;
    said.change.type = *type;
    return action(with, said.change);
}

struct change_verb {
    CLI::App* command = nullptr;
    verb_pointer said{};
};

change_verb add_change(session& in, const char* name, const char* help, change_function action) {
    const auto said = std::make_shared<verb>();
    CLI::App* made = add_disk_verb(in, name, help, said);
    made->add_option("KEY", said->own, "Our key, hexadecimal")->required();
    made->callback([&in, said, action] { in.status = change(in.with, *said, action); });
    return {made, said};
}

void add_changes(session& in) {
    const auto registering =
        add_change(in, "register", "Register KEY on every path", register_disk);
    registering.command->add_flag("--aptpl", registering.said->change.persist,
                                  "Keep registrations over a power loss of the device");
    registering.command->add_flag("--replace", registering.said->change.replace,
                                  "Also on paths that are registered with another key");
    add_change(in, "unregister", "Remove KEY from every path of this machine", unregister_disk);
    const auto reserving = add_change(in, "reserve", "Reserve for KEY", reserve_disk);
    reserving.command->add_option("--type", reserving.said->type, "Of the reservation")
        ->capture_default_str();
    add_change(in, "release", "Give up the reservation of KEY", release_disk);
    const auto preempting =
        add_change(in, "preempt", "Remove all registrations with VICTIM", preempt_key);
    preempting.command->add_option("VICTIM", preempting.said->victim, "Their key")->required();
    preempting.command->add_option("--type", preempting.said->type, "Of the reservation")
        ->capture_default_str();
    preempting.command->add_flag("--abort", preempting.said->change.abort,
                                 "Also abort their commands (PREEMPT AND ABORT)");
    preempting.command->add_flag("--yes", preempting.said->change.yes, "Others lose the disk");
    const auto clearing =
        add_change(in, "clear", "Remove all registrations and the reservation", clear_disk);
    clearing.command->add_flag("--yes", clearing.said->change.yes, "Others lose the disk");
}

void add_watch(session& in) {
    const auto said = std::make_shared<verb>();
    CLI::App* made = add_disk_verb(in, "watch", "Print changes of keys and reservation", said);
    made->add_option("--interval", said->interval_s, "Seconds between two looks")
        ->capture_default_str()
        ->check(CLI::Range(0.1, 3600.0));
    made->add_option("--count", said->watch.reads, "End after so many looks; 0: never")
        ->capture_default_str();
    made->callback([&in, said] {
        said->watch.disk = said->change.disk;
        said->watch.interval =
            std::chrono::milliseconds(static_cast<std::int64_t>(said->interval_s * 1000));
        in.status = watch_disk(in.with, said->watch);
    });
}

void add_blocks(session& in) {
    const auto add = [&in](const char* name, const char* help,
                           exit_code (*action)(const console&, const block_request&)) {
        const auto said = std::make_shared<verb>();
        CLI::App* made = add_disk_verb(in, name, help, said);
        made->add_option("BLOCK", said->blocks.block, "The first block, from 0")->required();
        made->add_option("--path", said->blocks.path, "Through this path: sda, sg3");
        made->add_flag("--fua", said->blocks.forced, "Past the cache of the device");
        made->callback([&in, said, action] {
            said->blocks.disk = said->change.disk;
            in.status = action(in.with, said->blocks);
        });
        return change_verb{made, said};
    };
    const auto reading = add("read", "Print blocks as they are", read_disk);
    reading.command->add_option("--count", reading.said->blocks.count, "How many blocks")
        ->capture_default_str();
    const auto writing = add("write", "Overwrite blocks with standard input", write_disk);
    writing.command->add_flag("--i-know", writing.said->blocks.i_know,
                              "What is on these blocks is lost");
}

} // namespace

int run(console& with, std::vector<std::string> arguments) {
    CLI::App app{"Look at the shared disks of this machine and at their SCSI persistent "
                 "reservations, and change these.",
                 "sgpr"};
    app.set_version_flag("--version", SGPR_VERSION);
    app.require_subcommand(1);
    session in{app, with};
    add_views(in);
    add_changes(in);
    add_blocks(in);
    add_watch(in);
    guards::add_guard(app, [&in](int status) { in.status = status; });
    validate::add_validate(app, [&in](int status) { in.status = status; });
    try {
        std::ranges::reverse(arguments); // what CLI11 wants
        app.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
        return app.exit(error, with.out, with.err) == 0 ? exit_ok : exit_usage;
    }
    return in.status;
}

} // namespace sgpr::command_line
