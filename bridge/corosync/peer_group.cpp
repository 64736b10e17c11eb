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

#include <unistd.h>

namespace bridge::corosync {

namespace {

using ports::departure;
using ports::peer;
using ports::peer_view;
using std::chrono::milliseconds;

constexpr milliseconds shortest_pause{1};
constexpr milliseconds longest_pause{50};
/// Messages taken from the library in one turn: other work of the thread goes on in between.
constexpr int messages_per_turn = 64;

std::vector<peer> peers_of(const cpg_address* list, std::size_t count) {
    std::vector<peer> found;
    for (std::size_t i = 0; i < count; ++i)
        found.push_back({list[i].nodeid, list[i].pid});
    std::sort(found.begin(), found.end());
    return found;
}

departure departure_of(std::uint32_t reason) {
    switch (reason) {
    case CPG_REASON_LEAVE:
        return departure::left;
    case CPG_REASON_PROCDOWN:
        return departure::died;
    default:
        return departure::node_lost;
    }
}

/// Such a change comes with another ring, which is told right after it.
bool ring_changes(const cpg_address* list, std::size_t count) {
    return std::any_of(list, list + count, [](const cpg_address& a) {
        return a.reason == CPG_REASON_NODEDOWN || a.reason == CPG_REASON_NODEUP;
    });
}

} // namespace

struct peer_group::state : std::enable_shared_from_this<state> {
    struct delivery {
        peer from;
        std::vector<std::byte> bytes;
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
        state* self = of(handle);
        if (self == nullptr)
            return;
        if (ring_changes(left, left_count) || ring_changes(joined, joined_count))
            self->view.in = {};
        self->view.members = peers_of(members, member_count);
        self->view.joined = peers_of(joined, joined_count);
        self->view.left.clear();
        for (std::size_t i = 0; i < left_count; ++i)
            self->view.left.emplace_back(peer{left[i].nodeid, left[i].pid},
                                         departure_of(left[i].reason));
        self->events.emplace_back(self->view);
    }
    static void on_ring(cpg_handle_t handle, cpg_ring_id ring, std::uint32_t,
                        const std::uint32_t*) {
        state* self = of(handle);
        if (self == nullptr)
            return;
        self->view.in = {ring.nodeid, ring.seq};
        self->view.joined.clear();
        self->view.left.clear();
        if (!self->view.members.empty())
            self->events.emplace_back(self->view);
    }
    static state* of(cpg_handle_t handle) {
        void* context = nullptr;
        return cpg_context_get(handle, &context) == CS_OK ? static_cast<state*>(context) : nullptr;
    }

    bool open(handlers with) {
        close();
        cpg_model_v1_data_t model{};
        model.model = CPG_MODEL_V1;
        model.cpg_deliver_fn = on_deliver;
        model.cpg_confchg_fn = on_change;
        model.cpg_totem_confchg_fn = on_ring;
        model.flags = CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF;
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
        std::uint32_t node = 0;
        if (cpg_local_get(handle, &node) != CS_OK || cpg_join(handle, &group) != CS_OK ||
            cpg_fd_get(handle, &fd) != CS_OK) {
            close();
            return false;
        }
        self = {node, static_cast<std::uint32_t>(::getpid())};
        watch = std::make_unique<readable>(io, fd, [this] { dispatch(); });
        return true;
    }

    void close() {
        watch.reset();
        pause.cancel();
        queue.clear();
        queued_bytes = 0;
        events.clear();
        view = {};
        self = {};
        if (std::exchange(is_open, false))
            cpg_finalize(handle);
        ++generation;
    }

    void dispatch() {
        const auto keep = shared_from_this();
        cs_error_t result = CS_OK;
        for (int i = 0; i < messages_per_turn && result == CS_OK; ++i)
            result = cpg_dispatch(handle, CS_DISPATCH_ONE_NONBLOCKING);
        const std::uint64_t now = generation;
        std::deque<std::variant<delivery, peer_view>> todo;
        todo.swap(events);
        const handlers to = calls;
        for (auto& event : todo) {
            if (generation != now)
                return; // a handler closed the group
            if (auto* v = std::get_if<peer_view>(&event)) {
                to.changed(*v);
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
                wait_and_flush();
                return;
            }
            next_pause = shortest_pause;
            // Any other failure shows on the descriptor too, where the loss is handled.
            queued_bytes -= queue.front().size();
            queue.pop_front();
        }
    }

    void wait_and_flush() {
        pause.expires_after(next_pause);
        next_pause = std::min(next_pause * 2, longest_pause);
        pause.async_wait([keep = shared_from_this()](boost::system::error_code error) {
            if (!error)
                keep->flush();
        });
    }

    boost::asio::io_context& io;
    boost::asio::steady_timer pause;
    milliseconds next_pause = shortest_pause;
    std::string name;
    handlers calls;
    cpg_handle_t handle = 0;
    bool is_open = false;
    std::uint64_t generation = 0;
    std::unique_ptr<readable> watch;
    std::deque<std::variant<delivery, peer_view>> events;
    std::deque<std::vector<std::byte>> queue;
    std::size_t queued_bytes = 0;
    peer_view view;
    peer self;
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

ports::peer peer_group::self() const {
    return state_->self;
}

bool peer_group::send(ports::channel on, std::span<const std::byte> body) {
    return state_->send(make_frame(on, body));
}

std::uint64_t peer_group::malformed() const {
    return state_->malformed;
}

} // namespace bridge::corosync
