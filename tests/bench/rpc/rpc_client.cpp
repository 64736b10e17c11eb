// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/rpc/rpc_client.hpp"

#include "bridge/dcerpc/pdu.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace bridge::bench {
namespace {

constexpr std::uint16_t fragment_size = 5840;
constexpr std::uint8_t privacy = 6;
constexpr std::uint32_t security_context = 1;
constexpr std::size_t handle_size = 20;

void require(bool good, const char* what) {
    if (!good)
        throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

void put(std::vector<std::byte>& out, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

void put_syntax(std::vector<std::byte>& out, const dcerpc::syntax_id& id) {
    put(out, id.uuid.data1, 4);
    put(out, id.uuid.data2, 2);
    put(out, id.uuid.data3, 2);
    for (const std::uint8_t byte : id.uuid.data4)
        put(out, byte, 1);
    put(out, id.major_version, 2);
    put(out, id.minor_version, 2);
}

/// Common header; lengths come with finish().
void start(std::vector<std::byte>& out, dcerpc::pdu_type type, std::uint8_t flags,
           std::uint32_t call_id) {
    out.clear();
    for (const unsigned value :
         {5u, 0u, static_cast<unsigned>(type), static_cast<unsigned>(flags), 0x10u, 0u, 0u, 0u})
        put(out, value, 1);
    put(out, 0, 4);
    put(out, call_id, 4);
}

void finish(std::vector<std::byte>& out, std::size_t token_size) {
    std::vector<std::byte> lengths;
    put(lengths, out.size(), 2);
    put(lengths, token_size, 2);
    std::memcpy(out.data() + 8, lengths.data(), lengths.size());
}

void put_trailer(std::vector<std::byte>& out, auth::mechanism mechanism, std::size_t padding) {
    put(out, static_cast<unsigned>(mechanism), 1);
    put(out, privacy, 1);
    put(out, padding, 1);
    put(out, 0, 1);
    put(out, security_context, 4);
}

} // namespace

rpc_client::rpc_client(const target& to)
    : to_(to), stub_(to.stub), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    require(fd_ >= 0, "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    require(::inet_pton(AF_INET, to.host.c_str(), &address.sin_addr) == 1, "address");
    require(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
            "connect");
    const int on = to.no_delay ? 1 : 0;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    bind();
    in_.resize(std::size_t{1} << 16);
    if (to.opener)
        open_handle();
}

rpc_client::~rpc_client() {
    if (fd_ >= 0)
        ::close(fd_);
}

void rpc_client::write_all(std::span<const std::byte> bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        require(sent > 0, "send");
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
}

std::vector<std::byte> rpc_client::read_pdu() {
    std::vector<std::byte> pdu(dcerpc::header_size);
    require(::recv(fd_, pdu.data(), pdu.size(), MSG_WAITALL) == static_cast<ssize_t>(pdu.size()),
            "receive");
    dcerpc::header_error error{};
    const auto header = dcerpc::read_header(pdu, error);
    require(error == dcerpc::header_error::none, "header");
    pdu.resize(header.fragment_length);
    const auto rest = static_cast<ssize_t>(pdu.size() - dcerpc::header_size);
    require(::recv(fd_, pdu.data() + dcerpc::header_size, static_cast<std::size_t>(rest),
                   MSG_WAITALL) == rest,
            "receive");
    return pdu;
}

void rpc_client::bind() {
    start(out_, dcerpc::pdu_type::bind,
          dcerpc::pfc::first | dcerpc::pfc::last | dcerpc::pfc::header_sign, call_id_);
    put(out_, fragment_size, 2);
    put(out_, fragment_size, 2);
    put(out_, 0, 4);
    put(out_, 1, 4);
    put(out_, 0, 2);
    put(out_, 1, 2);
    put_syntax(out_, to_.interface);
    put_syntax(out_, dcerpc::ndr_syntax);
    std::vector<std::byte> token;
    if (to_.mechanism != auth::mechanism::none) {
        security_ = auth::make_initiator(to_.mechanism, to_.credentials);
        require(security_ != nullptr, "mechanism");
        token = security_->step({}).token;
        put_trailer(out_, to_.mechanism, 0);
        out_.insert(out_.end(), token.begin(), token.end());
    }
    finish(out_, token.size());
    write_all(out_);
    const std::vector<std::byte> answer = read_pdu();
    dcerpc::header_error error{};
    const auto header = dcerpc::read_header(answer, error);
    require(header.type == dcerpc::pdu_type::bind_ack, "bind refused");
    if (!security_)
        return;
    const auto step = security_->step(std::span(answer).last(header.auth_length));
    require(step.state == auth::step_result::outcome::done, "authentication");
    start(out_, dcerpc::pdu_type::auth3, dcerpc::pfc::first | dcerpc::pfc::last, call_id_);
    put(out_, 0, 4);
    put_trailer(out_, to_.mechanism, 0);
    out_.insert(out_.end(), step.token.begin(), step.token.end());
    finish(out_, step.token.size());
    write_all(out_);
}

void rpc_client::open_handle() {
    const auto handle = call(*to_.opener, {});
    require(handle.size() >= handle_size, "no context handle");
    // The return value comes last, behind the status.
    stub_.insert(stub_.begin(), handle.end() - handle_size, handle.end());
}

void rpc_client::send() {
    send(to_.opnum, stub_);
}

void rpc_client::send(std::uint16_t opnum, std::span<const std::byte> stub) {
    start(out_, dcerpc::pdu_type::request, dcerpc::pfc::first | dcerpc::pfc::last, ++call_id_);
    put(out_, stub.size(), 4);
    put(out_, 0, 2);
    put(out_, opnum, 2);
    out_.insert(out_.end(), stub.begin(), stub.end());
    reply_size_ = 0;
    if (!security_) {
        finish(out_, 0);
        write_all(out_);
        return;
    }
    const std::size_t padding = (16 - stub.size() % 16) % 16;
    out_.resize(out_.size() + padding);
    const std::size_t body = stub.size() + padding;
    const std::size_t token_size = security_->token_size(auth::protection_level::privacy);
    put_trailer(out_, to_.mechanism, padding);
    out_.resize(out_.size() + token_size);
    finish(out_, token_size);
    require(security_->protect(
                {out_, dcerpc::request_header_size, body, true, auth::protection_level::privacy}),
            "protect");
    write_all(out_);
}

bool rpc_client::take_fragment(std::span<std::byte> pdu) {
    dcerpc::header_error error{};
    const auto header = dcerpc::read_header(pdu, error);
    require(header.type == dcerpc::pdu_type::response, "fault");
    std::size_t body = pdu.size() - dcerpc::response_header_size;
    if (security_) {
        const auto trailer = dcerpc::read_trailer(pdu, header, dcerpc::response_header_size);
        require(trailer.has_value(), "trailer");
        body = trailer->offset - dcerpc::response_header_size;
        require(security_->unprotect({pdu, dcerpc::response_header_size, body, true,
                                      auth::protection_level::privacy}),
                "unprotect");
        body -= trailer->pad_length;
    }
    if (keep_reply_) {
        const auto stub = pdu.subspan(dcerpc::response_header_size, body);
        reply_.insert(reply_.end(), stub.begin(), stub.end());
    }
    reply_size_ += body;
    return header.has(dcerpc::pfc::last);
}

bool rpc_client::receive() {
    const ssize_t got = ::recv(fd_, in_.data() + filled_, in_.size() - filled_, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return false;
    require(got > 0, "receive");
    filled_ += static_cast<std::size_t>(got);
    bool complete = false;
    std::size_t used = 0;
    while (filled_ - used >= dcerpc::header_size) {
        dcerpc::header_error error{};
        const auto header = dcerpc::read_header(std::span(in_).subspan(used), error);
        if (filled_ - used < header.fragment_length)
            break;
        complete = take_fragment(std::span(in_).subspan(used, header.fragment_length));
        used += header.fragment_length;
    }
    std::memmove(in_.data(), in_.data() + used, filled_ - used);
    filled_ -= used;
    return complete;
}

void rpc_client::call() {
    send();
    wait();
}

std::span<const std::byte> rpc_client::call(std::uint16_t opnum, std::span<const std::byte> stub) {
    require(stub.size() <= max_request, "a request of one fragment");
    reply_.clear();
    keep_reply_ = true;
    send(opnum, stub);
    wait();
    keep_reply_ = false;
    return reply_;
}

void rpc_client::wait() {
    pollfd ready{fd_, POLLIN, 0};
    do {
        require(::poll(&ready, 1, 10000) == 1, "no answer within 10 s");
    } while (!receive());
}

} // namespace bridge::bench
