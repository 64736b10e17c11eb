// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/call.hpp"
#include "bridge/clusapi/method_row.hpp"
#include "bridge/ndr/reader.hpp"
#include "bridge/ndr/writer.hpp"

#include <boost/asio/awaitable.hpp>

#include <array>
#include <concepts>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

/// From request stub to response stub: decode, check what the row declares, run the handler,
/// encode.
namespace bridge::clusapi {

/// A handle parameter: the member of the in-structure and what it accepts.
template <auto Member, handle_kind Kind>
struct on {
    static constexpr handle_kind kind = Kind;
    template <class In>
    static const ndr::context_handle& of(const In& in) {
        return in.*Member;
    }
};

/// Result of the checks before the handler.
struct verdict {
    dcerpc::fault fault = dcerpc::fault::none;
    win32_error code = win32_error::ERROR_SUCCESS;
};

/// A handle parameter of the call at hand.
struct handle_use {
    const ndr::context_handle* value;
    handle_kind kind;
};

/// What of the parameters the checks depend on.
struct call_facts {
    std::span<const handle_use> handles;
    std::uint32_t control_code = 0;       ///< control methods
    bool nodes_only = false;              ///< an enumeration of nodes alone
    std::u16string_view object_name = {}; ///< for reports: what the call names instead of a handle
};

/// In this order, first hit wins: handles, protocol server state, access, objects still exist.
/// Fills in `c.handles` and `c.objects`.
verdict check(call& c, const method_row& row, const call_facts& facts);

/// Whether the call has to wait until the registry shows every write that anybody was told of:
/// `first` was good, or it fails for nothing but a server that takes no changes at this moment,
/// as while the members agree anew after one of them went.
bool waits_for_registry(const call& c, const method_row& row, const call_facts& facts,
                        const verdict& first);

/// Waits for that, takes the newest snapshot and checks once more: what the call needs is decided
/// on the state that it then reads, so whoever lost access or closed the handle meanwhile is
/// refused. On a node that knows that it is cut off the registry is read as it is; the protocol
/// server state is Read-only there, which refuses whoever needs more.
boost::asio::awaitable<verdict> settle(call& c, const method_row& row, const call_facts& facts);

/// Tells the service's observer and closes the connection of a caller without any access.
void conclude(call& c, const method_row& row, const call_facts& facts, win32_error code);

ndr::reader reader_of(const dcerpc::call& rpc, std::span<const std::byte> stub);
ndr::writer writer_of(const dcerpc::call& rpc);

/// Puts a code into the method's error slot: the result, or Status beside a returned handle.
template <class Out>
void set_code(Out& out, win32_error code) {
    if constexpr (requires { out.Status; })
        out.Status = win32::to_u32(code);
    else if constexpr (requires { out.rpc_error; })
        out.rpc_error = win32::to_u32(code); // MS-CMRP 3.1.4.2.136 names it so
    else if constexpr (std::integral<decltype(out.result)>)
        out.result = static_cast<decltype(out.result)>(code);
}

template <class In>
bool asks_nodes_only(const In& in) {
    if constexpr (requires { in.dwType; })
        return in.dwType == 1; // CLUSTER_ENUM_NODE
    else
        return false;
}

template <class In>
std::uint32_t control_code_of(const In& in) {
    if constexpr (requires { in.dwControlCode; })
        return in.dwControlCode;
    else
        return 0;
}

/// The name of the object that the call is about; empty when it has none.
template <class In>
std::u16string_view object_name_of(const In& in) {
    if constexpr (requires { in.lpszResourceTypeName; })
        return in.lpszResourceTypeName;
    else if constexpr (requires { in.lpszTypeName; })
        return in.lpszTypeName;
    else if constexpr (requires { in.lpszResourceName; })
        return in.lpszResourceName;
    else if constexpr (requires { in.lpszGroupName; })
        return in.lpszGroupName;
    else if constexpr (requires { in.lpszNodeName; })
        return in.lpszNodeName;
    else if constexpr (requires { in.lpszNetworkName; })
        return in.lpszNetworkName;
    else if constexpr (requires { in.lpszNetInterfaceName; })
        return in.lpszNetInterfaceName;
    else if constexpr (requires { in.NewClusterName; })
        return in.NewClusterName;
    else
        return {};
}

/// Bytes that the reply carries at the client's word.
template <class In>
std::size_t reply_array_of(const In& in) {
    if constexpr (requires { in.lpcbData; })
        return in.lpcbData;
    else if constexpr (
        requires {
            in.lpValueName;
            in.cbData;
        } &&
        !requires { in.lpData; })
        return in.cbData;
    else
        return 0;
}

/// The handler of a method that is to come.
template <class Method>
reply<typename Method::out> not_implemented(call&, const typename Method::in&) {
    return win32_error::ERROR_CALL_NOT_IMPLEMENTED;
}

/// A request stub as parameters and what the checks need of them. Neither copied nor moved: the
/// facts point into it.
template <class Method, class... Handles>
struct request {
    request() = default;
    request(const request&) = delete;
    request& operator=(const request&) = delete;

    dcerpc::fault decode(const dcerpc::call& rpc, std::span<const std::byte> stub) {
        ndr::reader r = reader_of(rpc, stub);
        if (decode_in(r, in) != ndr::errc::none)
            return dcerpc::fault::bad_stub_data;
        if (reply_array_of(in) > ndr::max_prepared_bytes)
            return dcerpc::fault::remote_no_memory;
        uses = {handle_use{&Handles::of(in), Handles::kind}...};
        facts = {uses, control_code_of(in), asks_nodes_only(in), object_name_of(in)};
        return dcerpc::fault::none;
    }

    typename Method::in in;
    std::array<handle_use, sizeof...(Handles)> uses{};
    call_facts facts{};
};

/// The answer as response stub; tells whoever wants to know.
template <class Method>
void answer(call& c, const method_row& row, const call_facts& facts, const typename Method::in& in,
            reply<typename Method::out> given, dcerpc::response& response) {
    if (!given.out && prepare_out(in, given.out.emplace()) != ndr::errc::none) {
        response.status = dcerpc::fault::remote_no_memory;
        return;
    }
    set_code(*given.out, given.code);
    conclude(c, row, facts, given.code);
    ndr::writer w = writer_of(c.rpc);
    if (encode_out(w, in, *given.out) != ndr::errc::none)
        response.status = dcerpc::fault::remote_no_memory;
    else
        response.stub = w.take();
}

/// Methods that answer at once.
template <class Method, auto Handler, class... Handles>
void serve(void* server, dcerpc::call& rpc, std::span<const std::byte> stub,
           dcerpc::response& response) {
    request<Method, Handles...> asked;
    response.status = asked.decode(rpc, stub);
    if (response.status != dcerpc::fault::none)
        return;
    service& shared = *static_cast<service*>(server);
    call c{rpc, shared, shared.cluster.current()};
    const method_row& row = methods()[Method::opnum];
    const verdict v = check(c, row, asked.facts);
    if (v.fault != dcerpc::fault::none) {
        response.status = v.fault;
        return;
    }
    if (v.code != win32_error::ERROR_SUCCESS)
        answer<Method>(c, row, asked.facts, asked.in, v.code, response);
    else
        answer<Method>(c, row, asked.facts, asked.in, Handler(c, asked.in), response);
}

/// Runs a handler: one that answers at once or one that waits. Everything that it refers to is the
/// caller's.
template <class Method, auto Handler>
boost::asio::awaitable<reply<typename Method::out>> run(call& c, const typename Method::in& in) {
    if constexpr (std::is_same_v<decltype(Handler(c, in)), reply<typename Method::out>>) {
        co_return Handler(c, in);
    } else {
        auto handling = Handler(c, in);
        auto given = co_await std::move(handling);
        co_return given;
    }
}

/// Methods that read or write the registry: waits until it is readable, checks on what it then
/// shows, runs the handler. A call that is cancelled while it waits is reported as aborted: a write
/// that was handed over may still happen.
template <class Method, auto Handler, class... Handles>
boost::asio::awaitable<dcerpc::response>
serve_later(void* server, std::shared_ptr<dcerpc::call> rpc, std::vector<std::byte> stub) {
    dcerpc::response response;
    request<Method, Handles...> asked;
    response.status = asked.decode(*rpc, stub);
    if (response.status != dcerpc::fault::none)
        co_return response;
    std::vector<std::byte>().swap(stub);
    service& shared = *static_cast<service*>(server);
    call c{*rpc, shared, shared.cluster.current()};
    const method_row& row = methods()[Method::opnum];
    try {
        verdict v = check(c, row, asked.facts);
        if (waits_for_registry(c, row, asked.facts, v)) {
            auto settling = settle(c, row, asked.facts);
            v = co_await std::move(settling);
        }
        response.status = v.fault;
        if (v.fault != dcerpc::fault::none)
            co_return response;
        reply<typename Method::out> given(v.code);
        if (v.code == win32_error::ERROR_SUCCESS) {
            auto running = run<Method, Handler>(c, asked.in);
            given = co_await std::move(running);
        }
        answer<Method>(c, row, asked.facts, asked.in, std::move(given), response);
    } catch (...) {
        conclude(c, row, asked.facts, win32_error::ERROR_OPERATION_ABORTED);
        throw;
    }
    co_return response;
}

} // namespace bridge::clusapi
