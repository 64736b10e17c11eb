// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/ndr/printer.hpp"
#include "bridge/ndr/reader.hpp"
#include "bridge/ndr/writer.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bridge::ndr {

/// A stub as it came.
struct stub_view {
    std::span<const std::byte> bytes;
    syntax form = syntax::ndr;
    byte_order order = byte_order::little;
};

/// What became of a stub that was decoded, printed and encoded again.
struct recoded {
    errc decode_error = errc::none;
    std::size_t consumed = 0; ///< bytes of the stub that were decoded, or the place of the error
    std::string text;         ///< as printed; empty after a decode error
    errc encode_error = errc::none;
    std::vector<std::byte> bytes; ///< empty after an error
};

/// One method of an interface without its types, for fuzzers, wire cases and tools.
struct function_entry {
    std::uint16_t opnum = 0;
    std::string_view name;
    /// Decodes a request stub and encodes it in `target`.
    recoded (*recode_in)(const stub_view& request, syntax target) = nullptr;
    /// Decodes a response stub and encodes it in `target`. The request gives the [in] values that
    /// counts of the response depend on; one that does not decode counts as all zero.
    recoded (*recode_out)(const stub_view& request, const stub_view& response,
                          syntax target) = nullptr;
};

/// recode_in of one method; `Method` is the generated tag.
template <class Method>
recoded recode_in(const stub_view& request, syntax target) {
    recoded done;
    typename Method::in value{};
    reader r(request.bytes, request.form, request.order);
    done.decode_error = decode_in(r, value);
    done.consumed = r.offset();
    if (done.decode_error != errc::none)
        return done;
    done.text = to_text(value, 1 << 16);
    writer w(target);
    done.encode_error = encode_in(w, value);
    if (done.encode_error == errc::none)
        done.bytes = w.take();
    return done;
}

/// recode_out of one method; `Method` is the generated tag.
template <class Method>
recoded recode_out(const stub_view& request, const stub_view& response, syntax target) {
    typename Method::in asked{};
    reader asked_reader(request.bytes, request.form, request.order);
    if (decode_in(asked_reader, asked) != errc::none)
        asked = {};
    recoded done;
    typename Method::out value{};
    reader r(response.bytes, response.form, response.order);
    done.decode_error = decode_out(r, asked, value);
    done.consumed = r.offset();
    if (done.decode_error != errc::none)
        return done;
    done.text = to_text(value, 1 << 16);
    writer w(target);
    done.encode_error = encode_out(w, asked, value);
    if (done.encode_error == errc::none)
        done.bytes = w.take();
    return done;
}

} // namespace bridge::ndr
