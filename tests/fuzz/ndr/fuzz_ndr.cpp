// SPDX-License-Identifier: Apache-2.0
// Every method of every interface, both syntaxes, both byte orders. What decodes must print,
// encode, and come back the same from either syntax.
//
// Input: interface, opnum, flags (1 response, 2 NDR64, 4 big-endian), length of the request in 2
// bytes when it is a response; then the request stub and the response stub.
#include "gen/clusapi3.hpp"
#include "gen/epmapper.hpp"
#include "gen/mgmt.hpp"

#include <array>
#include <cstdlib>
#include <cstring>

namespace {

using namespace bridge;
using ndr::byte_order;
using ndr::errc;
using ndr::syntax;

constexpr unsigned response_flag = 1;
constexpr unsigned ndr64_flag = 2;
constexpr unsigned big_endian_flag = 4;

void check(bool condition) {
    if (!condition)
        std::abort();
}

ndr::recoded recode(const ndr::function_entry& f, bool response, const ndr::stub_view& request,
                    const ndr::stub_view& answer, syntax target) {
    return response ? f.recode_out(request, answer, target) : f.recode_in(request, target);
}

/// A value that the other syntax cannot hold, and counts that it knows from a request it could not
/// read, may fail to encode; what does encode must be read again as the same text and to the same
/// bytes.
void round_trip(const ndr::function_entry& f, bool response, const ndr::stub_view& request,
                const ndr::stub_view& answer, syntax target) {
    const ndr::recoded first = recode(f, response, request, answer, target);
    if (first.decode_error != errc::none || first.encode_error != errc::none)
        return;
    ndr::stub_view again{first.bytes, target, byte_order::little};
    const ndr::recoded second =
        response ? f.recode_out(request, again, target) : f.recode_in(again, target);
    check(second.decode_error == errc::none);
    check(second.encode_error == errc::none);
    check(second.consumed == first.bytes.size());
    check(second.text == first.text);
    check(second.bytes == first.bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::array tables{gen::clusapi3::functions(), gen::epmapper::functions(),
                                   gen::mgmt::functions()};
    if (size < 3)
        return 0;
    const auto table = tables[data[0] % tables.size()];
    const ndr::function_entry& f = table[data[1] % table.size()];
    const unsigned flags = data[2];
    std::span<const std::byte> rest = std::as_bytes(std::span(data, size)).subspan(3);
    ndr::stub_view request;
    request.form = (flags & ndr64_flag) != 0 ? syntax::ndr64 : syntax::ndr;
    request.order = (flags & big_endian_flag) != 0 ? byte_order::big : byte_order::little;
    ndr::stub_view answer = request;
    const bool response = (flags & response_flag) != 0;
    if (response) {
        if (rest.size() < 2)
            return 0;
        const std::size_t wanted =
            std::to_integer<std::size_t>(rest[0]) | std::to_integer<std::size_t>(rest[1]) << 8;
        rest = rest.subspan(2);
        request.bytes = rest.first(std::min(wanted, rest.size()));
        answer.bytes = rest.subspan(request.bytes.size());
    } else {
        request.bytes = rest;
    }
    round_trip(f, response, request, answer, syntax::ndr);
    round_trip(f, response, request, answer, syntax::ndr64);
    return 0;
}
