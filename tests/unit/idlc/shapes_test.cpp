// SPDX-License-Identifier: Apache-2.0
// Codecs that the compiler made of shapes.idl. The expected octets are worked out by hand from C706
// chapter 14 and MS-RPCE 2.2.5.
#include "gen/shapes.hpp"

#include "tests/unit/ndr/bytes.hpp"

#include <gtest/gtest.h>

namespace bridge::test_idlc {
namespace {

using namespace gen::shapes;
using ndr::errc;
using ndr::syntax;
using test_ndr::octets;

template <class In>
std::vector<std::byte> encoded(const In& in, syntax form) {
    ndr::writer w(form);
    EXPECT_EQ(encode_in(w, in), errc::none);
    return w.take();
}

template <class In>
errc decoded(In& in, const std::vector<std::byte>& stub, syntax form) {
    ndr::reader r(stub, form);
    return decode_in(r, in);
}

/// Encodes and decodes in both syntaxes; the printed text must survive.
template <class In>
void expect_survives(const In& in) {
    for (const syntax form : {syntax::ndr, syntax::ndr64}) {
        In back;
        EXPECT_EQ(decoded(back, encoded(in, form), form), errc::none);
        EXPECT_EQ(ndr::to_text(back), ndr::to_text(in));
    }
}

TEST(Structure, IsAlignedToItsWidestMemberAndPaddedAtTheEndInNdr64Only) {
    const PassInner_in in{{0x11, 0x0807060504030201, BLUE}};
    EXPECT_EQ(encoded(in, syntax::ndr),
              octets({0x11, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 7, 0}));
    EXPECT_EQ(encoded(in, syntax::ndr64),
              octets({0x11, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 7, 0, 0, 0, 0, 0, 0, 0}));
    expect_survives(in);
}

TEST(Enumeration, KeepsValuesWithoutAName) {
    PassInner_in in;
    ASSERT_EQ(
        decoded(in, octets({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x63, 0}), syntax::ndr),
        errc::none);
    EXPECT_EQ(in.value.Colour, 99u);
    EXPECT_EQ(name_of(in.value.Colour), "");
    EXPECT_EQ(name_of(GREEN), "GREEN");
}

TEST(Enumeration, OfSixteenBitsRefusesWhatDoesNotFit) {
    PassInner_in in;
    in.value.Colour = static_cast<COLOUR>(0x8000);
    ndr::writer w(syntax::ndr);
    EXPECT_EQ(encode_in(w, in), errc::out_of_range);
}

TEST(Scalars, SurviveInBothSyntaxes) {
    PassScalars_in in;
    in.value = {1,    -2,    -3,    -4,  -5,   6,
                0.5F, -2.25, RIGHT, 'x', u'y', {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}}};
    expect_survives(in);
    PassScalars_in back;
    ASSERT_EQ(decoded(back, encoded(in, syntax::ndr), syntax::ndr), errc::none);
    EXPECT_EQ(back, in);
}

TEST(PointerSizedInteger, OfMoreThan32BitsIsRefusedInNdr) {
    PassScalars_in in;
    in.value.Wide = 0x100000000;
    ndr::writer narrow(syntax::ndr);
    EXPECT_EQ(encode_in(narrow, in), errc::out_of_range);
    ndr::writer wide(syntax::ndr64);
    EXPECT_EQ(encode_in(wide, in), errc::none);
}

PassList_in list_of(unsigned length) {
    PassList_in in;
    for (unsigned i = 0; i < length; ++i) {
        auto node = std::make_unique<NODE>();
        node->Value = i;
        node->Next = std::move(in.head);
        in.head = std::move(node);
    }
    return in;
}

TEST(RecursiveType, SurvivesToItsDepthLimit) {
    expect_survives(list_of(2));
    PassList_in back;
    EXPECT_EQ(decoded(back, encoded(list_of(ndr::max_depth), syntax::ndr), syntax::ndr),
              errc::none);
    EXPECT_EQ(decoded(back, encoded(list_of(ndr::max_depth + 1), syntax::ndr), syntax::ndr),
              errc::too_deep);
}

TEST(RecursiveType, IsLimitedThroughArraysToo) {
    PassList_in in;
    TREE* at = &in.tree;
    for (unsigned i = 0; i <= ndr::max_depth; ++i) {
        at->Count = 1;
        at->Children.emplace(1);
        at = &at->Children->front();
    }
    PassList_in back;
    EXPECT_EQ(decoded(back, encoded(in, syntax::ndr64), syntax::ndr64), errc::too_deep);
}

TEST(Pointees, FollowTheirStructureInOrderOfTheirPointers) {
    PassPointers_in in;
    in.value.Always = 0x11;
    in.value.Maybe = 0x22;
    in.value.First = std::make_shared<std::uint32_t>(0x33);
    in.value.Second = in.value.First;
    const auto stub = encoded(in, syntax::ndr);
    EXPECT_EQ(stub, octets({0, 0, 2, 0, 4,    0, 2, 0, 1,    0, 0, 0, 1,    0, 0, 0,
                            0, 0, 0, 0, 0x11, 0, 0, 0, 0x22, 0, 0, 0, 0x33, 0, 0, 0}));
    PassPointers_in back;
    ASSERT_EQ(decoded(back, stub, syntax::ndr), errc::none);
    EXPECT_EQ(back.value.First, back.value.Second);
    EXPECT_EQ(*back.value.Second, 0x33u);
    expect_survives(in);
}

TEST(Arrays, OfFixedAndVaryingLengthSurvive) {
    PassArrays_in in;
    in.value.Used = 2;
    in.value.Raw = {std::byte{1}, std::byte{2}, std::byte{3}};
    in.value.Some = {0x1111, 0x2222};
    in.value.Name = u"abc";
    in.value.Pair = {5, 6};
    in.value.Narrow = "n";
    EXPECT_EQ(encoded(in, syntax::ndr),
              octets({2, 0, 0, 0, 1, 2, 3, 0, 0,   0, 0,   0, 2,   0, 0, 0, 0x11, 0x11, 0x22, 0x22,
                      0, 0, 0, 0, 4, 0, 0, 0, 'a', 0, 'b', 0, 'c', 0, 0, 0, 5,    0,    6,    0,
                      0, 0, 2, 0, 2, 0, 0, 0, 0,   0, 0,   0, 2,   0, 0, 0, 'n',  0}));
    expect_survives(in);
}

TEST(Arrays, RefuseWhatTheirBoundsDoNotAllow) {
    PassArrays_in in;
    in.value.Used = 2;
    in.value.Some = {1};
    ndr::writer mismatch(syntax::ndr);
    EXPECT_EQ(encode_in(mismatch, in), errc::count_mismatch);
    in.value.Used = 5;
    in.value.Some = {1, 2, 3, 4, 5};
    ndr::writer too_long(syntax::ndr);
    EXPECT_EQ(encode_in(too_long, in), errc::length_exceeds_count);
    in = {};
    in.value.Name = u"12345678";
    ndr::writer no_room(syntax::ndr);
    EXPECT_EQ(encode_in(no_room, in), errc::length_exceeds_count);

    in.value.Name = u"";
    auto stub = encoded(in, syntax::ndr);
    stub[0] = std::byte{1}; // Used, while no element follows
    PassArrays_in back;
    EXPECT_EQ(decoded(back, stub, syntax::ndr), errc::count_mismatch);
}

TEST(ConformantStructure, CarriesItsCountInFront) {
    PassOuter_in in;
    in.value.Kind = 9;
    in.value.Tail = {1, {0x0102}};
    EXPECT_EQ(encoded(in, syntax::ndr),
              octets({2, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0,
                      0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    in.more.emplace(in.value);
    expect_survives(in);
    auto stub = encoded(in, syntax::ndr);
    stub[0] = std::byte{3};
    PassOuter_in back;
    EXPECT_EQ(decoded(back, stub, syntax::ndr), errc::count_mismatch);
}

TEST(Union, CarriesItsTagAndTheSelectedArm) {
    PassTagged_in in;
    in.value.Kind = 4;
    in.value.Choice.Large = 5;
    in.capsule.Tag = GREEN;
    in.capsule.Value.Large = 6;
    EXPECT_EQ(encoded(in, syntax::ndr), octets({4, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0,
                                                2, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(encoded(in, syntax::ndr64),
              octets({4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0,
                      0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0}));
    expect_survives(in);
    for (const unsigned kind : {1u, 2u, 3u, 77u}) {
        in.value.Kind = kind;
        in.value.Choice = {};
        in.value.Choice.Text = kind == 2 ? std::optional<std::u16string>(u"t") : std::nullopt;
        expect_survives(in);
    }
}

TEST(Union, RefusesATagThatDiffersFromItsSwitch) {
    PassTagged_in in;
    in.value.Kind = 1;
    in.capsule.Tag = RED;
    auto stub = encoded(in, syntax::ndr64);
    stub[8] = std::byte{2};
    PassTagged_in back;
    EXPECT_EQ(decoded(back, stub, syntax::ndr64), errc::union_tag_mismatch);
}

TEST(Union, RefusesATagWithoutArm) {
    PassTagged_in in;
    in.capsule.Tag = BLUE;
    ndr::writer w(syntax::ndr);
    EXPECT_EQ(encode_in(w, in), errc::unknown_union_arm);
}

PassCounts_in counts() {
    PassCounts_in in;
    in.count = 3;
    in.table = {std::vector<std::uint32_t>{1, 2}, std::vector<std::uint32_t>{3, 4},
                std::vector<std::uint32_t>{5, 6}};
    in.half = std::u16string(u"a\0", 2);
    in.names = {u"x", std::nullopt};
    return in;
}

TEST(Counts, OfSeveralLevelsAndExpressionsSurvive) {
    expect_survives(counts());
}

TEST(Counts, MustEqualTheirExpressions) {
    PassCounts_in in = counts();
    in.half = u"abc";
    ndr::writer w(syntax::ndr);
    EXPECT_EQ(encode_in(w, in), errc::count_mismatch);

    const auto stub = encoded(counts(), syntax::ndr);
    auto wrong = stub;
    wrong[0] = std::byte{4}; // count
    PassCounts_in back;
    EXPECT_EQ(decoded(back, wrong, syntax::ndr), errc::count_mismatch);
    wrong = stub;
    wrong[20] = std::byte{1}; // conformance of the first row: what follows no longer fits either
    EXPECT_NE(decoded(back, wrong, syntax::ndr), errc::none);
}

TEST(Counts, OutsideTheirRangeAreRefused) {
    auto stub = encoded(counts(), syntax::ndr);
    stub[0] = std::byte{11};
    PassCounts_in back;
    EXPECT_EQ(decoded(back, stub, syntax::ndr), errc::out_of_range);
}

TEST(NullPointer, WithACountIsRefused) {
    PassCounts_in in = counts();
    in.table[1].reset();
    ndr::writer w(syntax::ndr);
    EXPECT_EQ(encode_in(w, in), errc::null_with_count);
    auto stub = encoded(counts(), syntax::ndr);
    for (std::size_t i = 8; i < 12; ++i)
        stub[i] = std::byte{0}; // the first row's pointer
    PassCounts_in back;
    EXPECT_EQ(decoded(back, stub, syntax::ndr), errc::null_with_count);
}

TEST(Secrets, AreNotPrinted) {
    const PassSecret_in in{u"me", u"hunter2"};
    EXPECT_EQ(ndr::to_text(in), "PassSecret_in{user=\"me\", password=<secret>}");
    EXPECT_EQ(ndr::to_text(PassSecret_out{u"t"}), "PassSecret_out{token=<secret>}");
}

TEST(PrepareOut, SizesArraysAndCopiesWhatTheRequestGave) {
    Sized_out out;
    EXPECT_EQ(prepare_out(Sized_in{3, 8}, out), errc::none);
    EXPECT_EQ(out.values.size(), 3u);
    EXPECT_EQ(out.state, 8u);
    EXPECT_EQ(prepare_out(Sized_in{0xffffffff, 0}, out), errc::too_large);
}

TEST(Constants, AreOfTheirType) {
    static_assert(LIMIT == 4);
    EXPECT_EQ(GREETING, u"hello");
    EXPECT_EQ(win32::to_string(interface_uuid), "5e3c2f10-7b1d-4a5e-8f60-1d2c3b4a5968");
    EXPECT_EQ(interface_major_version, 1);
    EXPECT_EQ(interface_minor_version, 2);
}

TEST(FunctionTable, ListsMethodsByOpnum) {
    const auto table = functions();
    ASSERT_EQ(table.size(), 10u);
    for (std::size_t i = 0; i < table.size(); ++i)
        EXPECT_EQ(table[i].opnum, i);
    EXPECT_EQ(table[9].name, "Sized");
}

} // namespace
} // namespace bridge::test_idlc
