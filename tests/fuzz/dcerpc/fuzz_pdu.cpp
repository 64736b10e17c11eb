// SPDX-License-Identifier: Apache-2.0
// Everything that reads a peer's bytes without a state: header, trailer, bind, request,
// verification trailer, tower.
#include "bridge/dcerpc/pdu.hpp"
#include "bridge/dcerpc/verification.hpp"
#include "bridge/epm/tower.hpp"

#include <cstdlib>
#include <span>

namespace {

using namespace bridge;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void read_pdu(std::span<const std::byte> bytes) {
    if (bytes.size() < dcerpc::header_size) {
        return;
    }
    dcerpc::header_error error{};
    const auto header = dcerpc::read_header(bytes, error);
    if (error == dcerpc::header_error::none) {
        require(header.fragment_length >= dcerpc::header_size);
    }
    for (const std::size_t body : {dcerpc::auth3_header_size, dcerpc::request_header_size,
                                   dcerpc::request_header_size_with_object}) {
        if (const auto trailer = dcerpc::read_trailer(bytes, header, body)) {
            require(trailer->offset >= body && trailer->offset % 4 == 0);
            require(trailer->pad_length <= trailer->offset - body);
            require(trailer->token.size() == header.auth_length);
        }
    }
    if (const auto request = dcerpc::read_request(bytes, header)) {
        require(request->stub_offset <= bytes.size());
    }
    if (const auto bind =
            dcerpc::read_bind(bytes.subspan(dcerpc::header_size), header.big_endian)) {
        require(bind->contexts.size() <= 255);
    }
}

void read_tower(std::span<const std::byte> bytes) {
    if (const auto tower = epm::decode_tower(bytes)) {
        const auto again = epm::decode_tower(epm::encode(*tower));
        require(again && again->port == tower->port && again->interface == tower->interface);
    }
}

void read_verification(std::span<const std::byte> bytes) {
    for (const bool big_endian : {false, true}) {
        dcerpc::verification_facts facts;
        facts.big_endian = big_endian;
        const auto result = dcerpc::check_verification_trailer(bytes, facts);
        require(result.stub_length <= bytes.size());
        require(result.found != dcerpc::verification_result::verdict::absent ||
                result.stub_length == bytes.size());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    read_pdu(bytes);
    read_tower(bytes);
    read_verification(bytes);
    return 0;
}
