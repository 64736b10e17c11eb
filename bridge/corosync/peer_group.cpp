// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/peer_group.hpp"

#include "bridge/corosync/readable.hpp"

#include <boost/asio/steady_timer.hpp>

#include <corosync/cpg.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <utility>
#include <variant>

namespace bridge::corosync {

namespace {

constexpr std::chrono::milliseconds flow_control_pause{5};

} // namespace

struct peer_group::state : std::enable_shared_from_this<state> {
    struct delivery {
        peer from;
        std::vector<std::byte> bytes;
    };
    struct change {
        std::vector<peer> members, joined, left;
    };

    state(boost::asio::io_context& context, std::string group)
        : io(context), pause(context), name(std::move(group)) {}

    // libcpg's callbacks only note; handlers run when the library has returned, so that they may
    // close the group.
    static void on_deliver(cpg_handle_t handle, const cpg_name*, std::uint32_t node,
                           std::uint32_t pid, void* message, std::size_t size) {
        if (state* self = of(handle)) {
            const auto* data = static_cast<const std::byte*>(message);
            self->events.emplace_back(delivery{{node, pid}, {data, data + size}});
        }
    }
    static void on_change(cpg_handle_t handle, const cpg_name*, const cpg_address* members,
                          std::size_t member_count, const cpg_address* left, std::size_t left_count,
                          const cpg_address* joined, std::size_t joined_count) {
        if (state* self = of(handle))
            self->events.emplace_back(change{peers(members, member_count),
                                             peers(joined, joined_count), peers(left, left_count)});
    }
    static state* of(cpg_handle_t handle) {
        void* context = nullptr;
        return cpg_context_get(handle, &context) == CS_OK ? static_cast<state*>(context) : nullptr;
    }
    static std::vector<peer> peers(const cpg_address* list, std::size_t count) {
        std::vector<peer> found;
        for (std::size_t i = 0; i < count; ++i)
            found.push_back({list[i].nodeid, list[i].pid});
        std::sort(found.begin(), found.end());
        return found;
    }

    bool open(handlers with) {
        close();
        cpg_model_v1_data_t model{};
        model.model = CPG_MODEL_V1;
        model.cpg_deliver_fn = on_deliver;
        model.cpg_confchg_fn = on_change;
        // The library's models are C structures that begin with a common member.
        if (cpg_model_initialize(&handle, CPG_MODEL_V1, reinterpret_cast<cpg_model_data_t*>(&model),
                                 this) != CS_OK)
            return false;
        is_open = true;
        calls = std::move(with);
        cpg_name group{};
        group.length = static_cast<std::uint32_t>(std::min(name.size(), sizeof group.value - 1));
        std::memcpy(group.value, name.data(), group.length);
        int fd = -1;
        if (cpg_join(handle, &group) != CS_OK || cpg_fd_get(handle, &fd) != CS_OK) {
            close();
            return false;
        }
        watch = std::make_unique<readable>(io, fd, [this] { dispatch(); });
        return true;
    }

    void close() {
        watch.reset();
        pause.cancel();
        queue.clear();
        queued_bytes = 0;
        events.clear();
        members.clear();
        if (std::exchange(is_open, false))
            cpg_finalize(handle);
        ++generation;
    }

    void dispatch() {
        const auto self = shared_from_this();
        const cs_error_t result = cpg_dispatch(handle, CS_DISPATCH_ALL);
        const std::uint64_t now = generation;
        std::deque<std::variant<delivery, change>> todo;
        todo.swap(events);
        const handlers to = calls;
        for (auto& event : todo) {
            if (generation != now)
                return; // a handler closed the group
            if (auto* c = std::get_if<change>(&event)) {
                members = c->members;
                to.changed(c->members, c->joined, c->left);
                continue;
            }
            const delivery& d = std::get<delivery>(event);
            if (const auto parsed = parse_frame(d.bytes))
                to.received(d.from, *parsed);
            else
                ++malformed;
        }
        if (generation == now && result != CS_OK && result != CS_ERR_TRY_AGAIN)
            to.lost();
    }

    bool send(std::vector<std::byte> bytes) {
        if (!is_open || bytes.empty() || queue.size() >= max_queued_frames ||
            queued_bytes + bytes.size() > max_queued_bytes)
            return false;
        queued_bytes += bytes.size();
        queue.push_back(std::move(bytes));
        if (queue.size() == 1)
            flush();
        return true;
    }

    void flush() {
        while (is_open && !queue.empty()) {
            iovec part{queue.front().data(), queue.front().size()};
            const cs_error_t result = cpg_mcast_joined(handle, CPG_TYPE_AGREED, &part, 1);
            if (result == CS_ERR_TRY_AGAIN) {
                pause.expires_after(flow_control_pause);
                pause.async_wait([self = shared_from_this()](boost::system::error_code error) {
                    if (!error)
                        self->flush();
                });
                return;
            }
            // Any other failure shows on the descriptor too, where the loss is handled.
            queued_bytes -= queue.front().size();
            queue.pop_front();
        }
    }

    boost::asio::io_context& io;
    boost::asio::steady_timer pause;
    std::string name;
    handlers calls;
    cpg_handle_t handle = 0;
    bool is_open = false;
    std::uint64_t generation = 0;
    std::unique_ptr<readable> watch;
    std::deque<std::variant<delivery, change>> events;
    std::deque<std::vector<std::byte>> queue;
    std::size_t queued_bytes = 0;
    std::vector<peer> members;
    std::uint64_t malformed = 0;
};

peer_group::peer_group(boost::asio::io_context& io, std::string name)
    : state_(std::make_shared<state>(io, std::move(name))) {}

peer_group::~peer_group() {
    close();
}

bool peer_group::open(handlers calls) {
    return state_->open(std::move(calls));
}

void peer_group::close() {
    state_->close();
}

bool peer_group::send(frame_kind kind, std::span<const std::byte> body) {
    return state_->send(make_frame(kind, body));
}

const std::vector<peer>& peer_group::members() const {
    return state_->members;
}

std::uint64_t peer_group::malformed() const {
    return state_->malformed;
}

} // namespace bridge::corosync
