// SPDX-License-Identifier: Apache-2.0
// Load client: N connections, one call in flight on each. Prints `name value` lines.
#include "tests/bench/rpc/rpc_client.hpp"

#include <CLI/CLI.hpp>

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

namespace {

using namespace bridge;
using clock_type = std::chrono::steady_clock;

double seconds(clock_type::duration d) {
    return std::chrono::duration<double>(d).count();
}

/// Run time of a process and its descendants in seconds: nanosecond counters, no ticks.
double server_cpu(int pid) {
    double total = 0;
    std::error_code none;
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", none)) {
        std::ifstream statistics(task.path() / "schedstat");
        double nanoseconds = 0;
        if (statistics >> nanoseconds)
            total += nanoseconds * 1e-9;
        std::ifstream children(task.path() / "children");
        for (int child = 0; children >> child;)
            total += server_cpu(child);
    }
    return total;
}

/// Private memory of a process and its descendants in KiB.
double private_memory(int pid) {
    std::ifstream maps("/proc/" + std::to_string(pid) + "/smaps_rollup");
    double total = 0;
    for (std::string line; std::getline(maps, line);) {
        if (line.rfind("Private_", 0) == 0)
            total += std::stod(line.substr(line.find(':') + 1));
    }
    const std::string id = std::to_string(pid);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    for (int child = 0; children >> child;)
        total += private_memory(child);
    return total;
}

struct options {
    bench::target to;
    std::string operation = "clusapi.name";
    std::string mechanism = "ntlm";
    std::size_t connections = 1;
    double duration = 1;
    int server_pid = 0;
};

void append(std::vector<std::byte>& out, std::uint32_t value) {
    for (int i = 0; i < 4; ++i)
        out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

/// [in, unique, size_is(n)] UCHAR* with the list "*", and n.
void append_all_properties(std::vector<std::byte>& out) {
    append(out, 1);
    append(out, 6);
    append(out, '*');
    append(out, 0); // 2 bytes of it are padding
    append(out, 6);
}

void choose_operation(options& o) {
    constexpr dcerpc::syntax_id clusapi{
        {0xb97db8b2, 0x4c63, 0x11cf, {0xbf, 0xf6, 0x08, 0x00, 0x2b, 0xe2, 0x3f, 0x2f}}, 3, 0};
    if (o.operation == "clusapi.name") { // ApiGetClusterName: an empty request
        o.to.interface = clusapi;
        o.to.opnum = 3;
    } else if (o.operation == "clusapi.resources") { // ApiCreateResourceEnum, all properties
        o.to.interface = clusapi;
        o.to.opener = 0; // ApiOpenCluster
        o.to.opnum = 144;
        append_all_properties(o.to.stub);
        append_all_properties(o.to.stub);
    } else if (o.operation == "wkssvc.info") { // NetrWkstaGetInfo, level 100: two names
        o.to.interface = {
            {0x6bffd098, 0xa112, 0x3610, {0x98, 0x33, 0x46, 0xc3, 0xf8, 0x7e, 0x34, 0x5a}}, 1, 0};
        o.to.opnum = 0;
        append(o.to.stub, 0);
        append(o.to.stub, 100);
    } else {
        throw std::runtime_error("no such operation: " + o.operation);
    }
}

using connections = std::vector<std::unique_ptr<bench::rpc_client>>;

connections open(const options& o) {
    connections all;
    for (std::size_t i = 0; i < o.connections; ++i)
        all.push_back(std::make_unique<bench::rpc_client>(o.to));
    return all;
}

/// Closed loop over all connections for a time; returns the calls that were answered.
std::size_t drive(connections& all, int poller, double duration) {
    const auto end = clock_type::now() + std::chrono::duration_cast<clock_type::duration>(
                                             std::chrono::duration<double>(duration));
    std::size_t calls = 0;
    std::size_t in_flight = all.size();
    for (auto& c : all)
        c->send();
    epoll_event events[64];
    while (in_flight > 0) {
        const int ready = ::epoll_wait(poller, events, 64, 10000);
        if (ready <= 0)
            throw std::runtime_error("no answer within 10 s");
        const bool more = clock_type::now() < end;
        for (int i = 0; i < ready; ++i) {
            auto* c = static_cast<bench::rpc_client*>(events[i].data.ptr);
            if (!c->receive())
                continue;
            ++calls;
            if (more)
                c->send();
            else
                --in_flight;
        }
    }
    return calls;
}

void measure_calls(const options& o) {
    connections all = open(o);
    const int poller = ::epoll_create1(EPOLL_CLOEXEC);
    for (auto& c : all) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = c.get();
        ::epoll_ctl(poller, EPOLL_CTL_ADD, c->fd(), &event);
    }
    drive(all, poller, std::min(0.2, o.duration));
    const double cpu = server_cpu(o.server_pid);
    const auto begin = clock_type::now();
    const auto calls = static_cast<double>(drive(all, poller, o.duration));
    const double elapsed = seconds(clock_type::now() - begin);
    const double used = server_cpu(o.server_pid) - cpu;
    const double mebibytes = calls * static_cast<double>(all[0]->reply_size()) / (1U << 20);
    std::cout << "calls_per_s " << calls / elapsed << "\nserver_us_per_call " << used / calls * 1e6
              << "\nreply_bytes " << all[0]->reply_size() << "\nserver_ms_per_mib "
              << used / mebibytes * 1e3 << "\nmib_per_s " << mebibytes / elapsed << '\n';
    ::close(poller);
}

void measure_binds(const options& o) {
    const double cpu = server_cpu(o.server_pid);
    const auto begin = clock_type::now();
    double binds = 0;
    while (seconds(clock_type::now() - begin) < o.duration) {
        bench::rpc_client(o.to).call();
        ++binds;
    }
    std::cout << "binds_per_s " << binds / seconds(clock_type::now() - begin)
              << "\nserver_us_per_bind " << (server_cpu(o.server_pid) - cpu) / binds * 1e6 << '\n';
}

void measure_memory(const options& o) {
    options one = o; // what the server makes once; more would leave it memory to use again
    one.connections = 1;
    for (auto& c : open(one))
        c->call();
    const double before = private_memory(o.server_pid);
    connections all = open(o);
    for (auto& c : all)
        c->call();
    std::cout << "kib_per_connection "
              << (private_memory(o.server_pid) - before) / static_cast<double>(all.size()) << '\n';
}

} // namespace

int main(int argc, char** argv) {
    options o;
    std::string mode = "calls";
    bool nagle = false;
    CLI::App app{"Load client for DCE/RPC servers of one's own."};
    app.add_option("--port", o.to.port)->required();
    app.add_option("--mode", mode, "calls, binds or memory")
        ->check(CLI::IsMember({"calls", "binds", "memory"}));
    app.add_option("--op", o.operation, "clusapi.name, clusapi.resources or wkssvc.info");
    app.add_option("--auth", o.mechanism, "none, ntlm or kerberos");
    app.add_option("--user", o.to.credentials.user);
    app.add_option("--domain", o.to.credentials.domain);
    app.add_option("--password", o.to.credentials.password);
    app.add_option("--target", o.to.credentials.target, "service@host, for kerberos");
    app.add_option("--connections", o.connections);
    app.add_option("--seconds", o.duration);
    app.add_option("--server-pid", o.server_pid)->required();
    app.add_flag("--nagle", nagle, "Leave Nagle's algorithm on, as Samba's client does");
    CLI11_PARSE(app, argc, argv);
    try {
        o.to.no_delay = !nagle;
        o.to.mechanism = o.mechanism == "ntlm"       ? auth::mechanism::ntlm
                         : o.mechanism == "kerberos" ? auth::mechanism::kerberos
                                                     : auth::mechanism::none;
        choose_operation(o);
        mode == "calls" ? measure_calls(o) : mode == "binds" ? measure_binds(o) : measure_memory(o);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "rpc_load: " << error.what() << '\n';
        return 1;
    }
}
