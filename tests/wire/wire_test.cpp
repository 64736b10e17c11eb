// SPDX-License-Identifier: Apache-2.0
// The cases of tests/wire/cases against our codecs. ndrdump_check.py compares the same files with
// Samba's.
#include "tests/wire/cases.hpp"

#include <gtest/gtest.h>

namespace bridge::test_wire {
namespace {

constexpr ndr::syntax both[]{ndr::syntax::ndr, ndr::syntax::ndr64};

std::string suffix(ndr::syntax form) {
    return form == ndr::syntax::ndr ? ".ndr" : ".ndr64";
}

class WireCase : public testing::TestWithParam<wire_case> {
protected:
    std::vector<std::byte> bytes(const std::string& file) const {
        const auto found = stub(GetParam(), file);
        EXPECT_TRUE(found) << file << ".hex is missing";
        return found.value_or(std::vector<std::byte>{});
    }

    ndr::recoded recode(const std::string& direction, const ndr::stub_view& from,
                        ndr::syntax target) const {
        const ndr::function_entry& f = *GetParam().function;
        if (direction == "in")
            return f.recode_in(from, target);
        const std::vector<std::byte> request = bytes("in" + suffix(from.form));
        return f.recode_out({request, from.form, ndr::byte_order::little}, from, target);
    }
};

TEST_P(WireCase, ReadsAsTextAndEncodesToTheSameBytesInBothSyntaxes) {
    for (const std::string direction : {"in", "out"}) {
        for (const ndr::syntax from : both) {
            const std::vector<std::byte> source = bytes(direction + suffix(from));
            for (const ndr::syntax to : both) {
                SCOPED_TRACE(direction + suffix(from) + " to" + suffix(to));
                const ndr::recoded done =
                    recode(direction, {source, from, ndr::byte_order::little}, to);
                EXPECT_EQ(done.decode_error, ndr::errc::none) << ndr::to_string(done.decode_error);
                EXPECT_EQ(done.encode_error, ndr::errc::none) << ndr::to_string(done.encode_error);
                EXPECT_EQ(done.consumed, source.size());
                EXPECT_EQ(done.text, text(GetParam(), direction));
                EXPECT_EQ(done.bytes, bytes(direction + suffix(to)));
            }
        }
    }
}

TEST_P(WireCase, ReadsTheSameTextFromBigEndianStubs) {
    for (const std::string direction : {"in", "out"}) {
        for (const ndr::syntax form : both) {
            const auto source = stub(GetParam(), direction + suffix(form) + ".big");
            if (!source)
                continue;
            SCOPED_TRACE(direction + suffix(form));
            const ndr::recoded done =
                recode(direction, {*source, form, ndr::byte_order::big}, form);
            EXPECT_EQ(done.decode_error, ndr::errc::none) << ndr::to_string(done.decode_error);
            EXPECT_EQ(done.text, text(GetParam(), direction));
            EXPECT_EQ(done.bytes, bytes(direction + suffix(form)));
        }
    }
}

TEST_P(WireCase, IsRefusedWhenCutShort) {
    for (const std::string direction : {"in", "out"}) {
        for (const ndr::syntax form : both) {
            const std::vector<std::byte> source = bytes(direction + suffix(form));
            for (std::size_t size = 0; size < source.size(); ++size) {
                const ndr::stub_view cut{std::span(source).first(size), form,
                                         ndr::byte_order::little};
                EXPECT_NE(recode(direction, cut, form).decode_error, ndr::errc::none)
                    << "at " << size;
            }
        }
    }
}

TEST_P(WireCase, IgnoresOctetsAfterTheLastParameter) {
    for (const std::string direction : {"in", "out"}) {
        for (const ndr::syntax form : both) {
            std::vector<std::byte> source = bytes(direction + suffix(form));
            const std::size_t size = source.size();
            source.resize(size + 40, std::byte{0x8a});
            const ndr::recoded done =
                recode(direction, {source, form, ndr::byte_order::little}, form);
            EXPECT_EQ(done.decode_error, ndr::errc::none);
            EXPECT_EQ(done.consumed, size);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, WireCase, testing::ValuesIn(load_cases()),
                         [](const auto& test) { return test.param.name; });

} // namespace
} // namespace bridge::test_wire
