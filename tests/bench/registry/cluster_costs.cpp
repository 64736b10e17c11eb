// SPDX-License-Identifier: Apache-2.0
// What a replicated write is made of, on the same machine: one ordered multicast that comes back to
// its sender, and one write that is flushed to the disk. Runs inside a node.
#include "tests/bench/registry/figures.hpp"

#include <CLI/CLI.hpp>
#include <corosync/cpg.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>

namespace {

constexpr std::size_t message_size = 200;
constexpr std::size_t record_size = 400;

void require(bool good, const char* what) {
    if (!good)
        throw std::runtime_error(what);
}

void delivered(cpg_handle_t handle, const cpg_name*, std::uint32_t, std::uint32_t, void*, size_t) {
    void* context = nullptr;
    cpg_context_get(handle, &context);
    ++*static_cast<std::size_t*>(context);
}

void changed(cpg_handle_t, const cpg_name*, const cpg_address*, size_t, const cpg_address*, size_t,
             const cpg_address*, size_t) {}

void measure_round_trips(std::size_t count) {
    cpg_callbacks_t callbacks{delivered, changed};
    cpg_handle_t handle = 0;
    require(cpg_initialize(&handle, &callbacks) == CS_OK, "cpg_initialize");
    std::size_t seen = 0;
    cpg_context_set(handle, &seen);
    cpg_name group{};
    const std::string name = "cluster_costs";
    std::memcpy(group.value, name.data(), name.size());
    group.length = static_cast<std::uint32_t>(name.size());
    require(cpg_join(handle, &group) == CS_OK, "cpg_join");
    char message[message_size] = {};
    iovec part{message, sizeof message};
    bridge::bench::figures times;
    for (std::size_t sent = 1; sent <= count; ++sent) {
        times.measure([&] {
            cs_error_t error = CS_OK;
            while ((error = cpg_mcast_joined(handle, CPG_TYPE_AGREED, &part, 1)) ==
                   CS_ERR_TRY_AGAIN)
                ::usleep(1000);
            require(error == CS_OK, "cpg_mcast_joined");
            while (seen < sent)
                require(cpg_dispatch(handle, CS_DISPATCH_ONE) == CS_OK, "cpg_dispatch");
        });
    }
    cpg_finalize(handle);
    times.print("cpg");
}

void measure_flushes(const std::string& folder, std::size_t count) {
    const std::string path = folder + "/flushed";
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(file >= 0, "open");
    const char record[record_size] = {};
    bridge::bench::figures times;
    for (std::size_t i = 0; i < count; ++i) {
        times.measure([&] {
            require(::write(file, record, sizeof record) == sizeof record, "write");
            require(::fdatasync(file) == 0, "fdatasync");
        });
    }
    ::close(file);
    ::unlink(path.c_str());
    times.print("flush");
}

} // namespace

int main(int argc, char** argv) {
    std::size_t count = 2000;
    std::string folder;
    CLI::App app{"Costs of a multicast and of a flush on a node."};
    app.add_option("--count", count);
    app.add_option("--folder", folder, "where the daemon keeps its state")->required();
    CLI11_PARSE(app, argc, argv);
    try {
        measure_round_trips(count);
        measure_flushes(folder, count);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "cluster_costs: " << error.what() << '\n';
        return 1;
    }
}
