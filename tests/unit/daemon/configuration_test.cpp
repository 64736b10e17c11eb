// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/configuration.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace bridge::daemon {
namespace {

std::string refusal(std::string_view text) {
    try {
        parse_configuration(text, "test.toml");
        return "";
    } catch (const configuration_error& error) {
        return error.what();
    }
}

TEST(Configuration, EmptyTextGivesTheDefaults) {
    const configuration c = parse_configuration("", "test.toml");
    EXPECT_EQ(c.rpc_port, 49343u);
    EXPECT_EQ(c.major_version, 6u);
    EXPECT_TRUE(c.endpoint_mapper);
}

TEST(Configuration, ReadsEveryKindOfValue) {
    const configuration c =
        parse_configuration("[cluster]\nname = 'alpha'\n[rpc]\nport = 5000\n"
                            "endpoint_mapper = false\naddresses = ['127.0.0.1', '::1']\n",
                            "test.toml");
    EXPECT_EQ(c.cluster_name, "alpha");
    EXPECT_EQ(c.rpc_port, 5000u);
    EXPECT_FALSE(c.endpoint_mapper);
    EXPECT_EQ(c.rpc_addresses, (std::vector<std::string>{"127.0.0.1", "::1"}));
}

TEST(Configuration, UnknownKeyIsRefusedWithLineAndSuggestion) {
    EXPECT_EQ(refusal("[rpc]\nprot = 5000\n"),
              "test.toml:2: unknown key rpc.prot (did you mean rpc.port?)");
}

TEST(Configuration, WrongTypeIsRefused) {
    EXPECT_EQ(refusal("[rpc]\nport = 'x'\n"),
              "test.toml:2: rpc.port must be a whole number of 32 bits");
    EXPECT_EQ(refusal("[rpc]\nport = -1\n"),
              "test.toml:2: rpc.port must be a whole number of 32 bits");
    EXPECT_EQ(refusal("[rpc]\naddresses = 'x'\n"),
              "test.toml:2: rpc.addresses must be a list of strings");
}

TEST(Configuration, ValuesOutOfRangeAreRefused) {
    EXPECT_NE(refusal("[rpc]\nport = 70000\n"), "");
    EXPECT_NE(refusal("[rpc]\naddresses = []\n"), "");
    EXPECT_NE(refusal("[log]\nlevel = 'loud'\n"), "");
    EXPECT_NE(refusal("[limits]\nrequest_bytes = 1\n"), "");
    EXPECT_NE(refusal("[limits]\nunauthenticated_connections = 0\n"), "");
    EXPECT_NE(refusal("[limits]\nrequest_bytes = 8000000\nreassembly_bytes = 7999999\n"), "");
}

TEST(Configuration, IsReadAgainAsItIsSpelt) {
    configuration c;
    c.cluster_description = R"(a "quoted" \ text)";
    c.rpc_addresses = {"127.0.0.1", "::1"};
    c.anonymous = true;
    std::string text;
    for (const auto& [key, value] : entries_of(c))
        text += key + " = " + value + "\n"; // dotted keys
    const auto again = entries_of(parse_configuration(text, "test.toml"));
    ASSERT_EQ(again.size(), entries_of(c).size());
    for (std::size_t i = 0; i < again.size(); ++i)
        EXPECT_EQ(again[i].value, entries_of(c)[i].value) << again[i].key;
}

/// The document has a row for each key, with the default.
TEST(Configuration, IsDocumented) {
    std::ifstream file(DOCUMENT);
    ASSERT_TRUE(file);
    std::stringstream text;
    text << file.rdbuf();
    for (const auto& [key, value] : entries_of({})) {
        const auto row = text.str().find("| `" + key + "` |");
        ASSERT_NE(row, std::string::npos) << key;
        const std::string line = text.str().substr(row, text.str().find('\n', row) - row);
        EXPECT_TRUE(value == "\"\"" || line.find("`" + value + "`") != std::string::npos)
            << key << ": the default is " << value << ", the row says " << line;
    }
}

TEST(Configuration, BrokenTextNamesItsLine) {
    EXPECT_EQ(refusal("[rpc]\nport = \n").substr(0, 12), "test.toml:2:");
}

} // namespace
} // namespace bridge::daemon
