// SPDX-License-Identifier: Apache-2.0
// The commands about the cluster security descriptor as a client of the control socket sees them.
#include "bridge/daemon/stored_descriptor.hpp"
#include "tests/unit/daemon/control_question.hpp"
#include "tests/unit/daemon/control_service.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace {

namespace json = boost::json;
using namespace bridge::tests;
using bridge::model::registry_errc;
using bridge::ports::registry_state;

class AccessControl : public testing::Test {
protected:
    json::object ask(std::string_view command, json::object arguments = {}) {
        return ask_control(service.socket(), command, std::move(arguments));
    }
    json::object result(std::string_view command, json::object arguments = {}) {
        const json::object answer = ask(command, std::move(arguments));
        const json::value* value = answer.if_contains("result");
        return value != nullptr ? value->as_object() : json::object{};
    }
    bool stored() {
        return service.with([](stored_registry& r) {
            return bridge::daemon::stored_descriptor(r.tree()).has_value();
        });
    }

    control_service service;
};

TEST_F(AccessControl, ShowsTheConfiguredDescriptorWhileNoneIsStored) {
    const json::object shown = result("access.show");
    EXPECT_EQ(shown.at("sddl"), json::value(control_service::configured_descriptor));
    EXPECT_EQ(shown.at("stored"), json::value(false));
}

TEST_F(AccessControl, SetsAndForgets) {
    const json::object set = result("access.set", {{"sddl", "D:(A;;GR;;;AU)(A;;GA;;;BA)"}});
    EXPECT_EQ(set.at("stored"), json::value(true));
    EXPECT_EQ(set.at("sddl"), json::value("D:(A;;GR;;;AU)(A;;GA;;;BA)"));
    EXPECT_EQ(set.at("configured"), json::value(control_service::configured_descriptor));
    EXPECT_TRUE(stored());
    EXPECT_EQ(result("access.show"), set);
    EXPECT_EQ(result("access.reset").at("stored"), json::value(false));
    EXPECT_FALSE(stored());
}

TEST_F(AccessControl, TellsTheRegistryWhoDidIt) {
    ask("access.set", {{"sddl", "D:(A;;GA;;;BA)"}});
    const auto callers = service.with([](stored_registry& r) { return r.callers; });
    ASSERT_EQ(callers.size(), 1U);
    EXPECT_EQ(callers[0], "clusbridge access, uid " + std::to_string(::getuid()));
}

TEST_F(AccessControl, RefusesWhatIsNoDescriptorOrLetsEverybodyIn) {
    for (const char* text : {"", "D:(A;;GA;;;NOBODY)", "O:BAG:BA", "D:(A;;GA;;;DA)"})
        EXPECT_EQ(error_code(ask("access.set", {{"sddl", text}})), "bad_argument") << text;
    EXPECT_EQ(error_code(ask("access.set")), "bad_argument");
    EXPECT_FALSE(stored());
}

TEST_F(AccessControl, RefusesWithoutARegistry) {
    service.set_state(registry_state::outside);
    EXPECT_EQ(error_code(ask("access.set", {{"sddl", "D:(A;;GA;;;BA)"}})), "not_active");
    EXPECT_EQ(error_code(ask("access.reset")), "not_active");
}

} // namespace
