// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/clusapi/call.hpp"
#include "bridge/clusapi/method_row.hpp"
#include "bridge/ndr/reader.hpp"
#include "bridge/ndr/writer.hpp"

#include <array>
#include <concepts>
#include <span>
#include <type_traits>

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

/// The handler's answer, or the code that kept it from running.
template <class Method, auto Handler>
reply<typename Method::out> answer_of(call& c, const typename Method::in& in, win32_error checked) {
    if (checked != win32_error::ERROR_SUCCESS)
        return checked;
    return Handler(c, in);
}

template <class Method, auto Handler, class... Handles>
void serve(void* server, dcerpc::call& rpc, std::span<const std::byte> stub,
           dcerpc::response& response) {
    typename Method::in in;
    ndr::reader r = reader_of(rpc, stub);
    if (decode_in(r, in) != ndr::errc::none) {
        response.status = dcerpc::fault::bad_stub_data;
        return;
    }
    if (reply_array_of(in) > ndr::max_prepared_bytes) {
        response.status = dcerpc::fault::remote_no_memory;
        return;
    }
    service& shared = *static_cast<service*>(server);
    call c{rpc, shared, shared.cluster.current()};
    const method_row& row = methods()[Method::opnum];
    const std::array<handle_use, sizeof...(Handles)> uses{
        handle_use{&Handles::of(in), Handles::kind}...};
    const call_facts facts{uses, control_code_of(in), asks_nodes_only(in), object_name_of(in)};
    const verdict v = check(c, row, facts);
    if (v.fault != dcerpc::fault::none) {
        response.status = v.fault;
        return;
    }
    auto answer = answer_of<Method, Handler>(c, in, v.code);
    if (!answer.out && prepare_out(in, answer.out.emplace()) != ndr::errc::none) {
        response.status = dcerpc::fault::remote_no_memory;
        return;
    }
    set_code(*answer.out, answer.code);
    conclude(c, row, facts, answer.code);
    ndr::writer w = writer_of(rpc);
    if (encode_out(w, in, *answer.out) != ndr::errc::none)
        response.status = dcerpc::fault::remote_no_memory;
    else
        response.stub = w.take();
}

} // namespace bridge::clusapi
