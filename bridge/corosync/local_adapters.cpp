// SPDX-License-Identifier: Apache-2.0
#include "bridge/corosync/local_adapters.hpp"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <map>
#include <optional>

namespace bridge::corosync {

namespace {

constexpr std::size_t reply_bytes = 64U << 10;
constexpr int max_replies = 256;

struct interface_names {
    std::string name;
    std::string alias;
};

class netlink_socket {
public:
    netlink_socket() : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
        const timeval patience{1, 0};
        if (fd_ >= 0)
            ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    ~netlink_socket() {
        if (fd_ >= 0)
            ::close(fd_);
    }
    netlink_socket(const netlink_socket&) = delete;
    netlink_socket& operator=(const netlink_socket&) = delete;

    /// Calls `each(header)` for every answer to a dump request.
    template <class Body, class Each>
    bool dump(std::uint16_t type, Each each) {
        struct {
            nlmsghdr header;
            Body body;
        } request{};
        request.header.nlmsg_len = sizeof request;
        request.header.nlmsg_type = type;
        request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        request.header.nlmsg_seq = ++sequence_;
        if (fd_ < 0 || ::send(fd_, &request, sizeof request, 0) < 0)
            return false;
        std::vector<std::byte> buffer(reply_bytes);
        for (int i = 0; i < max_replies; ++i) {
            const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
            if (got < static_cast<ssize_t>(sizeof(nlmsghdr)))
                return false;
            const auto more = walk({buffer.data(), static_cast<std::size_t>(got)}, each);
            if (!more || !*more)
                return more.has_value();
        }
        return false;
    }

private:
    /// true: go on; false: done; nullopt: error.
    template <class Each>
    static std::optional<bool> walk(std::span<const std::byte> bytes, Each& each) {
        while (bytes.size() >= sizeof(nlmsghdr)) {
            nlmsghdr header;
            std::memcpy(&header, bytes.data(), sizeof header);
            if (header.nlmsg_len < sizeof header || header.nlmsg_len > bytes.size() ||
                header.nlmsg_type == NLMSG_ERROR)
                return std::nullopt;
            if (header.nlmsg_type == NLMSG_DONE)
                return false;
            each(bytes.subspan(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN));
            bytes =
                bytes.subspan(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), bytes.size()));
        }
        return true;
    }

    int fd_;
    std::uint32_t sequence_ = 0;
};

/// Calls `each(type, value)` for every attribute after the fixed part.
template <class Each>
void attributes(std::span<const std::byte> bytes, std::size_t fixed, Each each) {
    if (bytes.size() < fixed)
        return;
    bytes = bytes.subspan(fixed);
    while (bytes.size() >= sizeof(rtattr)) {
        rtattr a;
        std::memcpy(&a, bytes.data(), sizeof a);
        if (a.rta_len < sizeof a || a.rta_len > bytes.size())
            return;
        each(a.rta_type, bytes.subspan(sizeof a, a.rta_len - sizeof a));
        bytes = bytes.subspan(std::min<std::size_t>(RTA_ALIGN(a.rta_len), bytes.size()));
    }
}

std::string text(std::span<const std::byte> bytes) {
    std::string value;
    for (const std::byte b : bytes) {
        if (b == std::byte{0})
            break;
        value += static_cast<char>(b);
    }
    return value;
}

std::map<int, interface_names> interfaces(netlink_socket& socket) {
    std::map<int, interface_names> found;
    socket.dump<ifinfomsg>(RTM_GETLINK, [&found](std::span<const std::byte> message) {
        ifinfomsg info;
        if (message.size() < sizeof info)
            return;
        std::memcpy(&info, message.data(), sizeof info);
        interface_names& names = found[info.ifi_index];
        attributes(message, NLMSG_ALIGN(sizeof info), [&names](std::uint16_t type, auto value) {
            if (type == IFLA_IFNAME)
                names.name = text(value);
            else if (type == IFLA_IFALIAS)
                names.alias = text(value);
        });
    });
    return found;
}

std::string address_text(int family, std::span<const std::byte> bytes) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    const std::size_t size = family == AF_INET ? 4 : 16;
    if (bytes.size() != size ||
        inet_ntop(family, bytes.data(), buffer.data(), buffer.size()) == nullptr)
        return {};
    return buffer.data();
}

} // namespace

std::vector<local_address> local_addresses() {
    netlink_socket socket;
    const std::map<int, interface_names> names = interfaces(socket);
    std::vector<local_address> found;
    socket.dump<ifaddrmsg>(RTM_GETADDR, [&](std::span<const std::byte> message) {
        ifaddrmsg info;
        if (message.size() < sizeof info || found.size() >= max_local_addresses)
            return;
        std::memcpy(&info, message.data(), sizeof info);
        if (info.ifa_family != AF_INET && info.ifa_family != AF_INET6)
            return;
        local_address a;
        a.prefix_length = info.ifa_prefixlen;
        a.dynamic = (info.ifa_flags & IFA_F_PERMANENT) == 0;
        attributes(message, NLMSG_ALIGN(sizeof info), [&](std::uint16_t type, auto value) {
            // IFA_ADDRESS is the peer's on a point-to-point link, where IFA_LOCAL is ours.
            if (type == IFA_LOCAL || (type == IFA_ADDRESS && a.address.empty()))
                a.address = address_text(info.ifa_family, value);
        });
        const auto i = names.find(static_cast<int>(info.ifa_index));
        if (a.address.empty() || i == names.end())
            return;
        a.interface_name = i->second.name;
        a.friendly_name = i->second.alias.empty() ? i->second.name : i->second.alias;
        found.push_back(std::move(a));
    });
    return found;
}

} // namespace bridge::corosync
