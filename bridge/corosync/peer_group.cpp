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

    state(boost::asio::io_context& context, call_thread& thread, std::string group)
        : io(context), calls(thread), pause(context), name(std::move(group)) {}

    // libcpg's callbacks only note; handlers run when the library has returned, so that they may
    // close the group.
    static void on_deliver(cpg_handle_t handle, const cpg_name*, std::uint32_t node,
                           std::uint32_t pid, void* message, std::size_t size) {
        if (state* self = of(handle)) {
            const auto* data = static_cast<const std::byte*>(message);
            self->events.emplace_back(delivery{{node, pid}, {data, data + size}});
            if (self->in_flight != 0 && self->self == peer{node, pid})
                --self->in_flight;
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

    /// What joining makes, on the thread for calls that wait.
    struct membership {
        cpg_handle_t handle = 0;
        bool initialised = false;
        bool joined = false;
        std::uint32_t node = 0;
        int fd = -1; ///< the library's
    };

    /// `context` is what the callbacks get, from dispatch() alone.
    static membership join(const std::string& name, void* context) {
        cpg_model_v1_data_t model{};
        model.model = CPG_MODEL_V1;
        model.cpg_deliver_fn = on_deliver;
        model.cpg_confchg_fn = on_change;
        model.cpg_totem_confchg_fn = on_ring;
        model.flags = CPG_MODEL_V1_DELIVER_INITIAL_TOTEM_CONF;
        membership m;
        // The library's models are C structures that begin with a common member.
        m.initialised =
            cpg_model_initialize(&m.handle, CPG_MODEL_V1,
                                 reinterpret_cast<cpg_model_data_t*>(&model), context) == CS_OK;
        cpg_name group{};
        group.length = static_cast<std::uint32_t>(std::min(name.size(), sizeof group.value - 1));
        std::memcpy(group.value, name.data(), group.length);
        m.joined = m.initialised && cpg_local_get(m.handle, &m.node) == CS_OK &&
                   cpg_join(m.handle, &group) == CS_OK && cpg_fd_get(m.handle, &m.fd) == CS_OK;
        return m;
    }

    static void leave(const membership& m) {
        if (m.initialised)
            cpg_finalize(m.handle);
    }

    void open(handlers with) {
        close();
        told_to = std::move(with);
        calls.post([keep = shared_from_this(), id = generation, group = name] {
            const membership made = join(group, keep.get());
            boost::asio::post(keep->io, [keep, id, made] { keep->joined(id, made); });
        });
    }

    void joined(std::uint64_t id, const membership& made) {
        if (id != generation || !made.joined) {
            calls.post([made] { leave(made); });
            if (id == generation)
                std::exchange(told_to, {}).opened(false);
            return;
        }
        is_open = true;
        current = made;
        self = {made.node, static_cast<std::uint32_t>(::getpid())};
        watch = std::make_unique<readable>(io, made.fd, [this] { dispatch(); });
        const auto tell = told_to.opened;
        tell(true);
    }

    void close() {
        watch.reset();
        pause.cancel();
        queue.clear();
        queued_bytes = 0;
        in_flight = 0;
        events.clear();
        view = {};
        self = {};
        told_to = {};
        if (std::exchange(is_open, false))
            calls.post([keep = shared_from_this(), old = current] { leave(old); });
        ++generation;
    }

    void dispatch() {
        const auto keep = shared_from_this();
        cs_error_t result = CS_OK;
        for (int i = 0; i < messages_per_turn && result == CS_OK; ++i)
            result = cpg_dispatch(current.handle, CS_DISPATCH_ONE_NONBLOCKING);
        const std::uint64_t now = generation;
        std::deque<std::variant<delivery, peer_view>> todo;
        todo.swap(events);
        const handlers to = told_to;
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
        if (generation != now)
            return;
        if (result != CS_OK && result != CS_ERR_TRY_AGAIN)
            to.lost();
        else
            flush();
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
        while (is_open && !queue.empty() && in_flight < max_frames_in_flight) {
            iovec part{queue.front().data(), queue.front().size()};
            const cs_error_t result = cpg_mcast_joined(current.handle, CPG_TYPE_AGREED, &part, 1);
            if (result == CS_ERR_TRY_AGAIN) {
                wait_and_flush();
                return;
            }
            next_pause = shortest_pause;
            in_flight += result == CS_OK ? 1 : 0;
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
    call_thread& calls;
    boost::asio::steady_timer pause;
    milliseconds next_pause = shortest_pause;
    std::string name;
    handlers told_to;
    membership current; ///< while it is open
    bool is_open = false;
    std::size_t in_flight = 0;
    std::uint64_t generation = 0;
    std::unique_ptr<readable> watch;
    std::deque<std::variant<delivery, peer_view>> events;
    std::deque<std::vector<std::byte>> queue;
    std::size_t queued_bytes = 0;
    peer_view view;
    peer self;
    std::uint64_t malformed = 0;
};

peer_group::peer_group(boost::asio::io_context& io, call_thread& calls, std::string name)
    : state_(std::make_shared<state>(io, calls, std::move(name))) {}

peer_group::~peer_group() {
    close();
}

void peer_group::open(handlers with) {
    state_->open(std::move(with));
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
