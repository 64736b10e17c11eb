// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/session.hpp"

#include "bridge/corosync/node_report.hpp"
#include "bridge/corosync/readable.hpp"

#include <boost/asio/ip/address.hpp>

#include <corosync/cfg.h>
#include <corosync/cmap.h>
#include <corosync/quorum.h>
#include <corosync/votequorum.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bridge::corosync {

namespace {

constexpr std::string_view nodelist_prefix = "nodelist.node.";

/// One entry of corosync's node list.
struct configured_node {
    std::uint32_t id = 0;
    std::string name;
    std::uint32_t votes = 1;
    std::map<std::uint32_t, std::string> addresses; ///< by link
};

bool is_address(const std::string& text) {
    boost::system::error_code error;
    boost::asio::ip::make_address(text, error);
    return !error;
}

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

} // namespace

struct session::state {
    state(boost::asio::io_context& context, handlers with) : io(context), calls(std::move(with)) {}
    ~state() {
        watches.clear();
        if (has_cmap)
            cmap_finalize(cmap);
        if (has_quorum)
            quorum_finalize(quorum);
        if (has_votes)
            votequorum_finalize(votes);
        if (has_cfg)
            corosync_cfg_finalize(cfg);
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    bool open() { return open_cmap() && open_quorum() && open_votes() && open_cfg(); }

    bool open_cmap() {
        has_cmap = cmap_initialize(&cmap) == CS_OK;
        cmap_track_handle_t track = 0;
        int fd = -1;
        if (!has_cmap ||
            cmap_track_add(cmap, "nodelist.",
                           CMAP_TRACK_ADD | CMAP_TRACK_DELETE | CMAP_TRACK_MODIFY |
                               CMAP_TRACK_PREFIX,
                           on_cmap, this, &track) != CS_OK ||
            cmap_fd_get(cmap, &fd) != CS_OK)
            return false;
        watch(fd, [this] { return cmap_dispatch(cmap, CS_DISPATCH_ALL); });
        return true;
    }

    bool open_quorum() {
        // The second model tells the ring that the answer is about.
        quorum_model_v1_data_t model{};
        model.model = QUORUM_MODEL_V1;
        model.quorum_notify_fn = on_quorum;
        model.nodelist_notify_fn = on_nodes;
        std::uint32_t type = 0;
        int fd = -1;
        // The library's models are C structures that begin with a common member.
        has_quorum = quorum_model_initialize(&quorum, QUORUM_MODEL_V1,
                                             reinterpret_cast<quorum_model_data_t*>(&model), &type,
                                             this) == CS_OK;
        if (!has_quorum || quorum_fd_get(quorum, &fd) != CS_OK ||
            quorum_trackstart(quorum, CS_TRACK_CURRENT | CS_TRACK_CHANGES) != CS_OK)
            return false;
        watch(fd, [this] { return quorum_dispatch(quorum, CS_DISPATCH_ALL); });
        return true;
    }

    bool open_votes() {
        votequorum_callbacks_t callbacks{};
        callbacks.votequorum_quorum_notify_fn = on_votes;
        callbacks.votequorum_expectedvotes_notify_fn = on_expected;
        int fd = -1;
        has_votes = votequorum_initialize(&votes, &callbacks) == CS_OK;
        if (!has_votes || votequorum_context_set(votes, this) != CS_OK ||
            votequorum_fd_get(votes, &fd) != CS_OK ||
            votequorum_trackstart(votes, 0, CS_TRACK_CHANGES) != CS_OK)
            return false;
        watch(fd, [this] { return votequorum_dispatch(votes, CS_DISPATCH_ALL); });
        return true;
    }

    bool open_cfg() {
        corosync_cfg_callbacks_t callbacks{};
        int fd = -1;
        has_cfg = corosync_cfg_initialize(&cfg, &callbacks) == CS_OK;
        if (!has_cfg || corosync_cfg_fd_get(cfg, &fd) != CS_OK)
            return false;
        watch(fd, [this] { return corosync_cfg_dispatch(cfg, CS_DISPATCH_ALL); });
        return true;
    }

    // Callbacks only note; the handler runs when the library has returned, so that it may destroy
    // the session.
    static void on_cmap(cmap_handle_t, cmap_track_handle_t, std::int32_t, const char*,
                        cmap_notify_value, cmap_notify_value, void* self) {
        static_cast<state*>(self)->dirty = true;
    }
    static state* of_quorum(quorum_handle_t handle) {
        const void* context = nullptr;
        if (quorum_context_get(handle, &context) != CS_OK)
            return nullptr;
        return static_cast<state*>(const_cast<void*>(context));
    }
    static void on_quorum(quorum_handle_t handle, std::uint32_t now, quorum_ring_id ring,
                          std::uint32_t count, const std::uint32_t* members) {
        if (state* self = of_quorum(handle)) {
            self->quorum_now.in = {ring.nodeid, ring.seq};
            self->quorum_now.quorate = now != 0;
            self->set_nodes(members, count);
        }
    }
    static void on_nodes(quorum_handle_t handle, quorum_ring_id, std::uint32_t count,
                         const std::uint32_t* members, std::uint32_t, const std::uint32_t*,
                         std::uint32_t, const std::uint32_t*) {
        if (state* self = of_quorum(handle))
            self->set_nodes(members, count);
    }
    void set_nodes(const std::uint32_t* members, std::uint32_t count) {
        quorum_now.nodes.assign(members, members + count);
        std::sort(quorum_now.nodes.begin(), quorum_now.nodes.end());
        dirty = true;
    }
    [[nodiscard]] bool is_joined(std::uint32_t node) const {
        return std::binary_search(quorum_now.nodes.begin(), quorum_now.nodes.end(), node);
    }
    static state* of(votequorum_handle_t handle) {
        void* context = nullptr;
        return votequorum_context_get(handle, &context) == CS_OK ? static_cast<state*>(context)
                                                                 : nullptr;
    }
    static void on_votes(votequorum_handle_t handle, std::uint64_t, std::uint32_t, std::uint32_t,
                         votequorum_node_t*) {
        if (state* self = of(handle))
            self->dirty = true;
    }
    static void on_expected(votequorum_handle_t handle, std::uint64_t, std::uint32_t) {
        if (state* self = of(handle))
            self->dirty = true;
    }

    void watch(int fd, std::function<cs_error_t()> dispatch) {
        watches.push_back(
            std::make_unique<readable>(io, fd, [this, dispatch = std::move(dispatch)] {
                const cs_error_t result = dispatch();
                const bool gone = result != CS_OK && result != CS_ERR_TRY_AGAIN;
                const bool tell = std::exchange(dirty, false);
                const handlers to = calls; // the handler may destroy this session
                if (gone)
                    to.lost();
                else if (tell)
                    to.changed();
            }));
    }

    std::string cmap_text(const std::string& key) const {
        char* value = nullptr;
        if (cmap_get_string(cmap, key.c_str(), &value) != CS_OK || value == nullptr)
            return {};
        std::string text(value);
        std::free(value);
        return text;
    }

    std::uint32_t cmap_number(const std::string& key, std::uint32_t otherwise) const {
        std::uint32_t value = otherwise;
        return cmap_get_uint32(cmap, key.c_str(), &value) == CS_OK ? value : otherwise;
    }

    /// Keys are nodelist.node.POSITION.{nodeid,name,quorum_votes,ringN_addr}.
    std::vector<configured_node> node_list() const {
        std::map<std::uint32_t, configured_node> by_position;
        cmap_iter_handle_t iteration = 0;
        if (cmap_iter_init(cmap, nodelist_prefix.data(), &iteration) != CS_OK)
            return {};
        std::array<char, CMAP_KEYNAME_MAXLEN + 1> key{};
        while (cmap_iter_next(cmap, iteration, key.data(), nullptr, nullptr) == CS_OK &&
               by_position.size() <= max_cluster_nodes) {
            const std::string full = key.data();
            const auto dot = full.find('.', nodelist_prefix.size());
            if (dot == std::string::npos)
                continue;
            if (const auto position =
                    number(full.substr(nodelist_prefix.size(), dot - nodelist_prefix.size())))
                take(by_position[*position], full, std::string_view(full).substr(dot + 1));
        }
        cmap_iter_finalize(cmap, iteration);
        std::vector<configured_node> nodes;
        for (auto& [position, node] : by_position)
            if (node.id != 0)
                nodes.push_back(std::move(node));
        std::sort(nodes.begin(), nodes.end(),
                  [](const auto& a, const auto& b) { return a.id < b.id; });
        return nodes;
    }

    void take(configured_node& node, const std::string& key, std::string_view field) const {
        constexpr std::string_view ring = "ring";
        constexpr std::string_view addr = "_addr";
        if (field == "nodeid") {
            node.id = cmap_number(key, 0);
        } else if (field == "name") {
            node.name = cmap_text(key);
        } else if (field == "quorum_votes") {
            node.votes = cmap_number(key, 1);
        } else if (field.starts_with(ring) && field.ends_with(addr)) {
            const auto link =
                number(field.substr(ring.size(), field.size() - ring.size() - addr.size()));
            if (link && *link < max_links)
                node.addresses[*link] = cmap_text(key);
        }
    }

    /// What a host name in the configuration stands for, as corosync resolved it.
    std::vector<std::string> resolved(std::uint32_t node) const {
        std::array<corosync_cfg_node_address_t, max_links> found{};
        int count = 0;
        std::vector<std::string> texts;
        if (corosync_cfg_get_node_addrs(cfg, node, found.size(), &count, found.data()) != CS_OK)
            return texts;
        for (int i = 0; i < count && i < static_cast<int>(found.size()); ++i) {
            sockaddr_in6 any{};
            std::memcpy(&any, found[static_cast<std::size_t>(i)].address, sizeof any);
            std::array<char, INET6_ADDRSTRLEN> text{};
            const void* address = &any.sin6_addr;
            sockaddr_in four{};
            if (any.sin6_family == AF_INET) {
                std::memcpy(&four, &any, sizeof four);
                address = &four.sin_addr;
            }
            if (inet_ntop(any.sin6_family, address, text.data(), text.size()) != nullptr)
                texts.emplace_back(text.data());
        }
        return texts;
    }

    void add_addresses(model::membership& m, const configured_node& node) const {
        std::vector<std::string> by_corosync;
        for (const auto& [link, address] : node.addresses) {
            model::link_address a;
            a.node = node.id;
            a.link = link;
            a.address = address;
            if (!is_address(address)) {
                if (by_corosync.empty())
                    by_corosync = resolved(node.id);
                a.address = link < by_corosync.size() ? by_corosync[link] : std::string();
            }
            m.addresses.push_back(std::move(a));
        }
    }

    void add_votes(model::membership& m, const configured_node& node) const {
        model::member member;
        member.id = node.id;
        member.name = node.name;
        if (member.name.empty())
            member.name =
                node.addresses.empty() ? std::to_string(node.id) : node.addresses.begin()->second;
        member.joined = is_joined(node.id);
        votequorum_info info{};
        const bool known = votequorum_getinfo(votes, node.id, &info) == CS_OK;
        member.votes = known ? info.node_votes : node.votes;
        member.counted_votes = member.joined ? member.votes : 0;
        m.members.push_back(std::move(member));
    }

    void add_views(model::membership& m, const configured_node& node) const {
        if (node.id == m.local_node)
            return;
        corosync_cfg_node_status_v1 status{};
        const bool known =
            corosync_cfg_node_status_get(cfg, node.id, CFG_NODE_STATUS_V1, &status) == CS_OK;
        for (const auto& [link, address] : node.addresses) {
            // Without knet there is one link and no status: the membership is all that is known.
            const bool connected = known ? status.link_status[link].enabled != 0 &&
                                               status.link_status[link].connected != 0
                                         : is_joined(node.id);
            m.views.push_back({m.local_node, node.id, link, connected});
        }
    }

    std::optional<model::membership> read() const {
        model::membership m;
        m.cluster_name = cmap_text("totem.cluster_name");
        m.local_node = cmap_number("runtime.votequorum.this_node_id", 0);
        if (m.local_node == 0)
            return std::nullopt;
        votequorum_info info{};
        if (votequorum_getinfo(votes, m.local_node, &info) != CS_OK)
            return std::nullopt;
        m.quorate = quorum_now.quorate;
        m.votes = info.total_votes;
        m.expected_votes = info.highest_expected;
        m.quorum = info.quorum;
        m.last_man_standing = (info.flags & VOTEQUORUM_INFO_LAST_MAN_STANDING) != 0;
        if ((info.flags & VOTEQUORUM_INFO_QDEVICE_REGISTERED) != 0)
            m.qdevice.assign(info.qdevice_name,
                             strnlen(info.qdevice_name, sizeof info.qdevice_name));
        for (const configured_node& node : node_list()) {
            add_votes(m, node);
            add_addresses(m, node);
            add_views(m, node);
        }
        return m;
    }

    boost::asio::io_context& io;
    handlers calls;
    cmap_handle_t cmap = 0;
    quorum_handle_t quorum = 0;
    votequorum_handle_t votes = 0;
    corosync_cfg_handle_t cfg = 0;
    bool has_cmap = false;
    bool has_quorum = false;
    bool has_votes = false;
    bool has_cfg = false;
    bool dirty = false;
    ports::quorum_view quorum_now;
    std::vector<std::unique_ptr<readable>> watches;
};

session::session(std::unique_ptr<state> opened) : state_(std::move(opened)) {}

session::~session() = default;

std::unique_ptr<session> session::open(boost::asio::io_context& io, handlers calls) {
    auto opened = std::make_unique<state>(io, std::move(calls));
    if (!opened->open())
        return nullptr;
    return std::unique_ptr<session>(new session(std::move(opened)));
}

std::optional<model::membership> session::read() const {
    return state_->read();
}

const ports::quorum_view& session::quorum() const {
    return state_->quorum_now;
}

std::vector<std::uint32_t> session::configured() const {
    std::vector<std::uint32_t> ids;
    for (const configured_node& node : state_->node_list())
        ids.push_back(node.id);
    return ids;
}

} // namespace bridge::corosync
