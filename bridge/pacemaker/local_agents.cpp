// SPDX-License-Identifier: Apache-2.0
#include "bridge/pacemaker/local_agents.hpp"

#include "bridge/pacemaker/run_program.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace bridge::pacemaker {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view unit_suffix = ".service";
constexpr std::string_view fence_prefix = "fence_";
constexpr int worker_nice =
    10; ///< meta-data of a hundred scripts takes seconds; nobody waits for it
constexpr std::size_t list_every = 64; ///< agents asked between two deliveries

/// An agent and its file.
struct found_agent {
    ports::agent agent;
    fs::path file;
};

/// Names go into arguments and file names.
bool good_name(std::string_view name) {
    return !name.empty() && name.size() <= 128 && name.front() != '.' && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '.' || c == '@' || c == '+';
           });
}

bool executable(const fs::path& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
           ::access(file.c_str(), X_OK) == 0;
}

/// Names in a directory in byte order; none when it cannot be read.
std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator i(directory, error), end; !error && i != end; i.increment(error)) {
        std::string name = i->path().filename().string();
        if (good_name(name) && names.size() < local_agents::max_agents)
            names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

void find_ocf(const local_agents::places& where, std::vector<found_agent>& found) {
    for (const std::string& provider : names_in(where.ocf))
        for (const std::string& type : names_in(where.ocf / provider))
            if (executable(where.ocf / provider / type))
                found.push_back({{"ocf", provider, type, {}}, where.ocf / provider / type});
}

void find_fence(const local_agents::places& where, std::vector<found_agent>& found) {
    for (const std::string& type : names_in(where.fence))
        if (type.starts_with(fence_prefix) && executable(where.fence / type))
            found.push_back({{"stonith", {}, type, {}}, where.fence / type});
}

/// Service units; templates and instances are not agents of their own.
void find_units(const local_agents::places& where, std::vector<found_agent>& found) {
    std::set<std::string> names;
    for (const fs::path& directory : where.units)
        for (const std::string& name : names_in(directory))
            if (name.ends_with(unit_suffix) && name.find('@') == std::string::npos)
                names.insert(name.substr(0, name.size() - unit_suffix.size()));
    for (const std::string& name : names)
        if (!name.empty())
            found.push_back({{"systemd", {}, name, {}}, {}});
}

std::string full_name(const ports::agent& a) {
    return a.standard + ":" + (a.provider.empty() ? "" : a.provider + ":") + a.type;
}

bool modification_time(const fs::path& file, timespec& time) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0)
        return false;
    time = status.st_mtim;
    return true;
}

std::string cached(const fs::path& cache, const found_agent& f) {
    timespec agent{};
    timespec copy{};
    const fs::path file = cache / full_name(f.agent);
    if (cache.empty() || !modification_time(f.file, agent) || !modification_time(file, copy) ||
        agent.tv_sec != copy.tv_sec || agent.tv_nsec != copy.tv_nsec)
        return {};
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    return text.size() > local_agents::max_metadata_bytes ? std::string() : text;
}

void remember(const fs::path& cache, const found_agent& f) {
    timespec agent{};
    if (cache.empty() || !modification_time(f.file, agent))
        return;
    std::error_code error;
    fs::create_directories(cache, error);
    const fs::path file = cache / full_name(f.agent);
    const fs::path fresh = file.string() + ".new";
    {
        std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
        if (!(out << f.agent.metadata).flush())
            return;
    }
    const timespec times[2] = {agent, agent};
    if (::utimensat(AT_FDCWD, fresh.c_str(), times, 0) == 0)
        fs::rename(fresh, file, error);
}

} // namespace

struct local_agents::core : std::enable_shared_from_this<core> {
    core(boost::asio::io_context& context, places in) : io(context), where(std::move(in)) {}

    // On the worker's thread.
    void work() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), worker_nice);
        std::vector<found_agent> list;
        find_ocf(where, list);
        find_fence(where, list);
        find_units(where, list);
        if (list.size() > max_agents)
            list.resize(max_agents);
        std::vector<std::size_t> missing;
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (list[i].file.empty())
                continue; // units have no meta-data of their own
            list[i].agent.metadata = cached(where.cache, list[i]);
            if (list[i].agent.metadata.empty())
                missing.push_back(i);
        }
        deliver(list);
        std::size_t asked = 0;
        for (const std::size_t i : missing) {
            if (stop.is_set())
                return;
            ask(list[i]);
            if (++asked % list_every == 0)
                deliver(list);
        }
        if (asked % list_every != 0)
            deliver(list);
    }

    void ask(found_agent& f) const {
        program p;
        p.arguments = {where.crm_resource.string(), "--show-metadata", full_name(f.agent)};
        p.timeout = metadata_timeout;
        p.max_output = max_metadata_bytes;
        auto text = run_program(p, stop);
        if (!text)
            return;
        f.agent.metadata = std::move(*text);
        remember(where.cache, f);
    }

    void deliver(const std::vector<found_agent>& agents) {
        auto list = std::make_shared<ports::agent_list>();
        for (const found_agent& f : agents)
            list->push_back(f.agent);
        boost::asio::post(io, [self = shared_from_this(), list = std::move(list)] {
            if (!self->stopped)
                self->found(list);
        });
    }

    boost::asio::io_context& io;
    places where;
    handler found;
    bool stopped = false;
    stop_event stop;
    std::thread worker;
};

local_agents::local_agents(boost::asio::io_context& io) : local_agents(io, places()) {}

local_agents::local_agents(boost::asio::io_context& io, places where)
    : core_(std::make_shared<core>(io, std::move(where))) {}

local_agents::~local_agents() {
    stop();
}

void local_agents::start(handler found) {
    core_->found = std::move(found);
    core_->worker = std::thread([core = core_.get()] { core->work(); });
}

void local_agents::stop() {
    core_->stopped = true;
    core_->stop.set();
    if (core_->worker.joinable())
        core_->worker.join();
}

} // namespace bridge::pacemaker
