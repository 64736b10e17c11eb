// SPDX-License-Identifier: Apache-2.0
#include "bridge/idlc/compile.hpp"
#include "bridge/idlc/parser.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace bridge::test_idlc {
namespace {

using namespace bridge::idlc;

constexpr std::string_view head =
    "[uuid(00000001-0002-0003-0004-000000000005), version(1.0)] interface t {\n";

/// The message for an interface of this body, without the file's name; "accepted" when there is
/// none.
std::string complaint(const std::string& body) {
    const std::string file = "t.idl";
    const std::string text = std::string(head) + body + "\n}";
    try {
        resolver types({});
        const document parsed = parse(text, file);
        types.add(parsed, true);
        const interface_model model = types.finish();
        emit_header(model, {"t", file});
        emit_methods(model, {"t", file}, 0, 1);
    } catch (const error& e) {
        return std::string(e.what()).substr(file.size() + 1);
    }
    return "accepted";
}

TEST(Errors, CarryLineAndColumn) {
    EXPECT_EQ(complaint("  void f([in] THING x);"), "2:15: error: unknown type 'THING'");
    EXPECT_EQ(complaint("typedef struct { long a }"), "2:25: error: expected ';', found '}'");
    EXPECT_EQ(complaint("void f([in] long x"), "3:1: error: expected ')', found '}'");
    EXPECT_EQ(complaint("/* open"), "2:1: error: comment is not closed");
    EXPECT_EQ(complaint("const long A = 12x;"), "2:16: error: bad integer '12x'");
    EXPECT_EQ(complaint("void f([in] long @);"), "2:18: error: unexpected character '@'");
}

TEST(Errors, NameWhatCannotTravel) {
    EXPECT_NE(complaint("void f([in] void **x);").find("pointer to void"), std::string::npos);
    EXPECT_NE(complaint("void f([in] long x[*]);").find("needs size_is"), std::string::npos);
    EXPECT_NE(complaint("void f([in, size_is(n)] long *x);").find("'n' is no constant"),
              std::string::npos);
    EXPECT_NE(complaint("void f([in, size_is(,,n)] long *x, [in] long n);").find("more entries"),
              std::string::npos);
    EXPECT_NE(complaint("void f([out] long x);").find("must be a reference pointer"),
              std::string::npos);
    EXPECT_NE(complaint("void f([in, string] long *x);").find("char or wchar_t"),
              std::string::npos);
    EXPECT_NE(complaint("void f([in] float n, [in, size_is(n)] long *x);").find("no integer"),
              std::string::npos);
    EXPECT_NE(
        complaint("struct A { long n; [size_is(n)] long x[*]; long y; };").find("last member"),
        std::string::npos);
    EXPECT_NE(complaint("struct A { struct B b; };").find("not complete"), std::string::npos);
    EXPECT_NE(complaint("struct A { struct B *b; };").find("struct B is not defined"),
              std::string::npos);
    EXPECT_NE(complaint("[local] void f([in] long x);").find("not supported"), std::string::npos);
    EXPECT_NE(complaint("void f([in, max_is(n)] long *x, [in] long n);").find("not supported"),
              std::string::npos);
    EXPECT_NE(complaint("typedef union { [case(1)] long a; } U;").find("switch_type"),
              std::string::npos);
    EXPECT_NE(
        complaint("typedef [switch_type(long)] union { [case(1)] long a; [case(1)] long b; } U;")
            .find("second case"),
        std::string::npos);
}

TEST(Errors, FindNamesDefinedTwice) {
    EXPECT_NE(complaint("void f(); void f();").find("'f' is defined twice"), std::string::npos);
    EXPECT_NE(complaint("typedef enum { A } X; typedef enum { A } Y;").find("'A' is defined twice"),
              std::string::npos);
}

TEST(Parser, AcceptsWhatMidlDoesAndNdrIgnores) {
    EXPECT_EQ(complaint("cpp_quote(\"(\") import_free: ; ").substr(0, 2), "2:");
    EXPECT_EQ(
        complaint(
            "cpp_quote(\"x\"); [idempotent] void f([in] handle_t h, [in] unsigned long int x);"),
        "accepted");
    EXPECT_EQ(
        complaint(
            "void f([in][size_is(n)][unique] unsigned char const *x, [in] const unsigned long n);"),
        "accepted");
    EXPECT_EQ(complaint("const long A = (1 << 4) + 2 * 3 - ~0 % 5; const long B = A > 3 ? 1 : 2;"),
              "accepted");
    EXPECT_EQ(complaint("struct A; "), "2:1: error: struct A is not defined");
}

TEST(Secrets, ThatNameNothingAreRefused) {
    const std::string file = "t.idl";
    const std::string text = std::string(head) + "void f([in] long x); }";
    resolver types({"f.y"});
    types.add(parse(text, file), true);
    EXPECT_THROW(types.finish(), error);
}

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// After a wanted change: bridge_idlc --name sample --out X tests/unit/idlc/golden/sample.idl, then
/// copy X/gen.
TEST(GoldenSample, IsGeneratedAsCommitted) {
    const std::filesystem::path golden = std::filesystem::path(CLUSBRIDGE_IDLC_TESTS) / "golden";
    request wanted;
    wanted.input = golden / "sample.idl";
    wanted.name = "sample";
    std::size_t compared = 0;
    for (const auto& [name, text] : compile(wanted)) {
        EXPECT_EQ(text, content(golden / std::filesystem::path(name).filename())) << name;
        ++compared;
    }
    EXPECT_EQ(compared, 6u);
}

TEST(Compile, NamesTheImportThatItCannotFind) {
    request wanted;
    wanted.input = std::filesystem::path(testing::TempDir()) / "lost_import.idl";
    wanted.name = "t";
    std::ofstream(wanted.input) << "\nimport \"nowhere.idl\";\n";
    try {
        compile(wanted);
        FAIL();
    } catch (const error& e) {
        EXPECT_STREQ(e.what(), "lost_import.idl:2:8: error: cannot find 'nowhere.idl'");
    }
}

} // namespace
} // namespace bridge::test_idlc
