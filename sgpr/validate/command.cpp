// SPDX-License-Identifier: Apache-2.0
#include "sgpr/validate/command.hpp"

#include "sgpr/validate/catalog.hpp"
#include "sgpr/validate/host_source.hpp"
#include "sgpr/validate/remote_agent.hpp"
#include "sgpr/validate/report_output.hpp"
#include "sgpr/validate/runner.hpp"

#include <CLI/CLI.hpp>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <unistd.h>

namespace sgpr::validate {
namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void ask_to_stop(int /*signal*/) {
    stop.store(true);
}

struct options {
    std::vector<std::string> disks{};
    std::vector<std::string> i_know{};
    std::vector<std::string> only{};
    std::vector<std::string> nodes{};
    std::vector<std::string> node_commands{};
    std::vector<std::string> devices{};
    std::string name{};
    std::string json{};
    std::string html{};
    std::string program = "sgpr";
    bool serve = false;
    bool list = false;
};

/// Quoted for /bin/sh.
std::string quoted(const std::string& word) {
    std::string said = "'";
    for (const auto c : word) {
        said += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return said + "'";
}

/// On a terminal one line that is written anew; else a line a test.
class teller {
public:
    teller() : terminal_(isatty(STDOUT_FILENO) == 1) {}

    void operator()(const progress& now) {
        if (now.ended != nullptr) {
            clear();
            std::printf("%-14s  %-30s %s\n", std::string(text(now.ended->what)).c_str(),
                        now.test.c_str(), now.disk.c_str());
            for (const auto& one : now.ended->findings) {
                if (one.what != verdict::passed) {
                    std::printf("                %s\n", one.text.c_str());
                }
            }
        }
        if (terminal_ && now.ended == nullptr) {
            bar(now);
        }
        std::fflush(stdout);
    }

private:
    void clear() const {
        if (terminal_) {
            std::printf("\r\033[K");
        }
    }
    void bar(const progress& now) const {
        constexpr std::size_t width = 24;
        const auto full = now.of == 0 ? 0 : now.done * width / now.of;
        const auto shown = std::string(full, '#') + std::string(width - full, '.');
        std::printf("\r\033[K[%s] %zu/%zu  %s %.36s", shown.c_str(), now.done, now.of,
                    now.test.c_str(), now.disk.c_str());
    }
    bool terminal_;
};

host_settings host_of(const options& how) {
    host_settings made{.name = how.name};
    for (const auto& one : how.devices) {
        made.only.insert(one.starts_with("/dev/") ? one.substr(5) : one);
    }
    return made;
}

int write_file(const std::string& name, const std::string& text) {
    if (name.empty()) {
        return 0;
    }
    std::ofstream out(name, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
        std::fprintf(stderr, "sgpr validate: cannot write %s\n", name.c_str());
        return 2;
    }
    return 0;
}

/// Disks may be named by id, by device node, or by block device.
std::string id_of(const std::string& name, const node_facts& here) {
    const auto bare = name.starts_with("/dev/") ? name.substr(5) : name;
    for (const auto& disk : here.disks) {
        for (const auto& one : disk.paths) {
            if (one.block == bare || one.device == name) {
                return disk.id;
            }
        }
        if (!disk.multipath.empty() && name == "/dev/mapper/" + disk.multipath) {
            return disk.id;
        }
    }
    return name;
}

std::vector<std::unique_ptr<node_agent>> others(const options& how) {
    std::vector<std::unique_ptr<node_agent>> made;
    for (const auto& one : how.nodes) {
        made.push_back(std::make_unique<remote_agent>(
            one, "exec ssh -o BatchMode=yes -- " + quoted(one) + " " +
                     quoted(how.program + " validate --serve")));
    }
    for (const auto& one : how.node_commands) {
        const auto at = one.find('=');
        made.push_back(std::make_unique<remote_agent>(one.substr(0, at), one.substr(at + 1)));
    }
    return made;
}

int summary(const report& what, const options& how) {
    std::printf("\n%zu passed, %zu with warnings, %zu failed, %zu not applicable, %zu cancelled\n",
                what.count(verdict::passed), what.count(verdict::warning),
                what.count(verdict::failed), what.count(verdict::not_applicable),
                what.count(verdict::cancelled));
    const auto wrote =
        write_file(how.json, report_json(what)) | write_file(how.html, report_html(what));
    switch (what.worst()) {
    case verdict::failed:
        return 1;
    case verdict::cancelled:
        return 3;
    default:
        return wrote;
    }
}

int list_tests() {
    for (const auto& one : catalog()) {
        std::printf("%-30s %s%s\n", one.info.id.c_str(), one.info.description.c_str(),
                    one.info.changes ? " (writes or changes reservations)" : "");
    }
    return 0;
}

bool known_tests(const options& how) {
    for (const auto& one : how.only) {
        const auto& all = catalog();
        if (std::none_of(all.begin(), all.end(),
                         [&](const test& is) { return is.info.id == one; })) {
            std::fprintf(stderr, "sgpr validate: no test %s; see --list\n", one.c_str());
            return false;
        }
    }
    return true;
}

int carry_out(const options& how) {
    if (how.list) {
        return list_tests();
    }
    if (!known_tests(how)) {
        return 2;
    }
    std::signal(SIGINT, ask_to_stop);
    std::signal(SIGTERM, ask_to_stop);
    std::signal(SIGHUP, ask_to_stop);
    system_clock time;
    host_source source(host_of(how), time);
    local_agent here(source, time);
    if (how.serve) {
        return serve(here, STDIN_FILENO, STDOUT_FILENO, stop);
    }
    const auto rest = others(how);
    std::vector<node_agent*> agents{&here};
    for (const auto& one : rest) {
        agents.push_back(one.get());
    }
    const auto facts = here.perform({.what = verb::describe}).facts.value_or(node_facts{});
    plan what;
    for (const auto& one : how.disks) {
        what.disks.push_back(id_of(one, facts));
    }
    for (const auto& one : how.i_know) {
        what.i_know.insert(id_of(one, facts));
    }
    what.only.insert(how.only.begin(), how.only.end());
    teller tell;
    auto done = run(agents, what, time, stop, [&](const progress& now) { tell(now); });
    done.version = facts.version;
    return summary(done, how);
}

} // namespace

void add_validate(CLI::App& to, std::function<void(int)> done) {
    auto how = std::make_shared<options>();
    auto* command = to.add_subcommand(
        "validate", "Test shared storage from every node of a cluster, before it is trusted");
    command->add_option("--disk", how->disks, "Disk by id or device; default: all shared ones");
    command->add_option("--nodes", how->nodes, "Other nodes, reached by ssh")->delimiter(',');
    command
        ->add_option("--node-command", how->node_commands,
                     "NAME=COMMAND: a node reached by a command that runs \"sgpr validate "
                     "--serve\" there")
        ->check([](const std::string& one) {
            const auto at = one.find('=');
            return at == std::string::npos || at == 0 ? std::string("not NAME=COMMAND")
                                                      : std::string{};
        });
    command->add_option("--program", how->program, "Name of this program on nodes reached by ssh");
    command->add_option("--only", how->only, "Only this test")->delimiter(',');
    command->add_option("--i-know", how->i_know,
                        "Test this disk although it is in use: its reservations and registrations "
                        "are cleared");
    command->add_option("--devices", how->devices, "Look at these block devices only")
        ->delimiter(',');
    command->add_option("--name", how->name, "Name of this node in the report");
    command->add_option("--json", how->json, "Write the result as JSON");
    command->add_option("--html", how->html, "Write the report as one page");
    command->add_flag("--list", how->list, "List the tests");
    command->add_flag("--serve", how->serve, "Answer a validation on another node");
    command->callback([how, done = std::move(done)] { done(carry_out(*how)); });
}

} // namespace sgpr::validate
