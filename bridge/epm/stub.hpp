// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/dcerpc/service.hpp"
#include "bridge/ndr/reader.hpp"
#include "bridge/ndr/writer.hpp"

#include <span>
#include <utility>

namespace bridge::epm {

/// An immediate method around `Handler`, a member of `Service` that takes the call and the decoded
/// request and fills the answer. `Method` is a generated one.
template <class Method, class Service,
          void (Service::*Handler)(const dcerpc::call&, const typename Method::in&,
                                   typename Method::out&)>
void serve(void* service, dcerpc::call& c, std::span<const std::byte> stub,
           dcerpc::response& answer) {
    const auto form =
        c.syntax == dcerpc::transfer_syntax::ndr64 ? ndr::syntax::ndr64 : ndr::syntax::ndr;
    ndr::reader reader(stub, form, c.big_endian ? ndr::byte_order::big : ndr::byte_order::little);
    typename Method::in in;
    if (decode_in(reader, in) != ndr::errc::none) {
        answer.status = dcerpc::fault::bad_stub_data;
        return;
    }
    typename Method::out out{};
    (static_cast<Service*>(service)->*Handler)(c, in, out);
    ndr::writer writer(form, std::move(answer.stub));
    if (encode_out(writer, in, out) != ndr::errc::none) {
        answer.status = dcerpc::fault::bad_stub_data; // a size in the request that holds no answer
    }
    answer.stub = writer.take();
}

} // namespace bridge::epm
