// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/control_request.hpp"

#include <boost/json.hpp>

#include <gtest/gtest.h>

namespace bridge::daemon {
namespace {

namespace json = boost::json;

TEST(ControlRequest, HasACommandAndArguments) {
    const auto r = read_control_request(R"({"id": 7, "command": "a.b", "x": true})");
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.command, "a.b");
    EXPECT_EQ(r.id, json::value(7));
    EXPECT_TRUE(r.arguments.at("x").as_bool());
}

TEST(ControlRequest, NeedsNoId) {
    const auto r = read_control_request(R"({"command": "a"})");
    EXPECT_EQ(r.error, "");
    EXPECT_TRUE(r.id.is_null());
}

TEST(ControlRequest, WhatIsMalformedIsRefused) {
    const std::string deep =
        R"({"command": "a", "x": )" + std::string(40, '[') + std::string(40, ']') + "}";
    const std::string long_name = R"({"command": ")" + std::string(65, 'a') + "\"}";
    const std::string long_id = R"({"command": "a", "id": ")" + std::string(65, 'a') + "\"}";
    for (const std::string& line :
         {std::string(), std::string("x"), std::string("[]"), std::string("{}"),
          std::string(R"({"command": 1})"), std::string(R"({"command": "a", "id": {}})"),
          std::string(R"({"command": "a", "id": 1.5})"), std::string(R"({"command": "a"} x)"),
          std::string("{\"command\": \"\xff\"}"), deep, long_name, long_id})
        EXPECT_NE(read_control_request(line).error, "") << line;
}

TEST(ControlRequest, IsAnsweredWithItsId) {
    json::object result;
    result["n"] = 3;
    EXPECT_EQ(control_answer("x", result), "{\"id\":\"x\",\"result\":{\"n\":3}}\n");
    EXPECT_EQ(control_answer(nullptr, control_error("busy", "later")),
              "{\"id\":null,\"error\":{\"code\":\"busy\",\"text\":\"later\"}}\n");
}

} // namespace
} // namespace bridge::daemon
