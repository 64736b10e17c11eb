// SPDX-License-Identifier: Apache-2.0
// One tree, two homes: what objects have and what is stored.
#include "tests/unit/clusapi/registry_fixture.hpp"

#include "bridge/clusapi/object_registry.hpp"

#include <algorithm>

namespace bridge::clusapi::test {

using enum win32::win32_error;
namespace rights = win32::rights;

namespace {

/// Keeps what it is told to set.
class fake_setter : public object_setter {
public:
    std::vector<std::string> told;

    boost::asio::awaitable<win32::win32_error> set(object_key object,
                                                   model::registry_value value) override {
        told.push_back("set " + object.id + (object.parameters ? " private " : " common ") +
                       value.name);
        co_return ERROR_SUCCESS;
    }
    boost::asio::awaitable<win32::win32_error> remove(object_key object,
                                                      std::string name) override {
        told.push_back("remove " + object.id + " " + name);
        co_return ERROR_FILE_NOT_FOUND;
    }
};

} // namespace

REGISTRY_SUITE(RegistryHomes);

TEST_P(RegistryHomes, StandSideBySideWithWhatObjectsHaveFirst) {
    const auto root = client.root_key();
    ASSERT_EQ(code(create("Aaa").Status), ERROR_SUCCESS);
    EXPECT_EQ(subkeys(root),
              (std::vector<std::string>{"Groups", "NetworkInterfaces", "Networks", "Nodes",
                                        "Quorum", "Resources", "ResourceTypes", "Aaa"}));
    const auto parameters = open(parameters_of(ip_id));
    const auto before = values(parameters);
    ASSERT_EQ(set(parameters, "Another", "unknown"), ERROR_SUCCESS);
    auto expected = before;
    expected.push_back("Another");
    EXPECT_EQ(values(parameters), expected);
    EXPECT_EQ(text(parameters, "ANOTHER"), "unknown");
    EXPECT_EQ(text(parameters, "Address"), "10.0.0.5");
    EXPECT_EQ(unset(parameters, "another"), ERROR_SUCCESS);
    EXPECT_EQ(unset(parameters, "another"), ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(values(parameters), before);
}

TEST_P(RegistryHomes, OfTwoWithOneNameTheObjectsIsShown) {
    const std::string path = parameters_of(ip_id);
    client.store.set(path, "address", model::registry_type::sz, encode_text("stored"));
    client.store.set(path, "Zzz", model::registry_type::sz, encode_text("last"));
    const auto parameters = open(path);
    const auto shown = values(parameters);
    EXPECT_EQ(std::count(shown.begin(), shown.end(), "Address"), 1);
    EXPECT_EQ(std::count(shown.begin(), shown.end(), "address"), 0);
    EXPECT_EQ(shown.back(), "Zzz");
    EXPECT_EQ(text(parameters, "Address"), "10.0.0.5");
    EXPECT_EQ(client.ask<wire::ApiQueryInfoKey>({parameters}).lpcValues, shown.size());
    client.store.make("resources\\" + std::string(ip_id));
    EXPECT_EQ(subkeys(open("Resources")).size(), 4U);
}

TEST_P(RegistryHomes, WritingAnObjectsValueIsToCome) {
    const auto parameters = open(parameters_of(ip_id));
    EXPECT_EQ(set(parameters, "Address", "10.0.0.6"), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_EQ(unset(parameters, "Address"), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_EQ(set(open("Groups\\" + std::string(web_id)), "Name", "x"), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_EQ(set(client.root_key(), "ClusterInstanceID", "x"), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_EQ(set(open("Quorum"), "Path", "x"), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_TRUE(client.store.batches.empty());
}

TEST_P(RegistryHomes, PropertiesOfTheTypeAreTheObjectsAlsoWhenTheyHaveNoValue) {
    model::snapshot next = demo_snapshot();
    auto site = *next.resources.find_id(site_id);
    site.private_properties.clear();
    next.resources = model::collection<model::resource>(
        {std::make_shared<const model::resource>(std::move(site))});
    client.source.shown = std::make_shared<const model::snapshot>(std::move(next));
    EXPECT_EQ(set(open(parameters_of(site_id)), "configfile", "x"), ERROR_CALL_NOT_IMPLEMENTED);
    EXPECT_EQ(set(open(parameters_of(site_id)), "other", "x"), ERROR_SUCCESS);
}

TEST_P(RegistryHomes, WritingAnObjectsValueGoesToTheSetter) {
    fake_setter setter;
    client.server.setter = &setter;
    EXPECT_EQ(set(open(parameters_of(ip_id)), "Address", "10.0.0.6"), ERROR_SUCCESS);
    EXPECT_EQ(set(open("Groups\\" + std::string(web_id)), "Priority", 4, encode_u32(1)),
              ERROR_SUCCESS);
    EXPECT_EQ(unset(open(parameters_of(ip_id)), "Address"), ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(setter.told,
              (std::vector<std::string>{"set " + std::string(ip_id) + " private Address",
                                        "set " + std::string(web_id) + " common Priority",
                                        "remove " + std::string(ip_id) + " Address"}));
    client.server.setter = nullptr;
}

TEST_P(RegistryHomes, AnObjectsKeysCannotBeDeleted) {
    const auto root = client.root_key();
    const std::string path = "Resources\\" + std::string(ip_id);
    ASSERT_EQ(set(open(path), "Mine", "x"), ERROR_SUCCESS);
    EXPECT_EQ(erase(root, "Resources"), ERROR_ACCESS_DENIED);
    EXPECT_EQ(erase(root, path), ERROR_ACCESS_DENIED);
    EXPECT_EQ(erase(root, path + "\\Parameters"), ERROR_ACCESS_DENIED);
    ASSERT_EQ(code(create(path + "\\Below").Status), ERROR_SUCCESS);
    EXPECT_EQ(erase(root, path + "\\Below"), ERROR_SUCCESS);
    EXPECT_EQ(text(open(path), "Mine"), "x");
}

TEST_P(RegistryHomes, CreatingAnObjectsKeyOpensIt) {
    const auto out = create(parameters_of(ip_id));
    EXPECT_EQ(code(out.Status), ERROR_SUCCESS);
    EXPECT_EQ(out.lpdwDisposition, 2U);
    EXPECT_TRUE(client.store.batches.empty());
    EXPECT_EQ(text(out.result, "Address"), "10.0.0.5");
}

TEST_P(RegistryHomes, KeysBesideThoseOfObjectsAreStored) {
    const auto out = create("Resources\\unheard-of\\Parameters");
    EXPECT_EQ(out.lpdwDisposition, 1U);
    EXPECT_EQ(subkeys(open("Resources")).back(), "unheard-of");
    EXPECT_FALSE(client.store.tree().find("Resources")->descriptor());
    EXPECT_TRUE(client.store.tree().find("Resources\\unheard-of")->descriptor());
    EXPECT_EQ(erase(client.root_key(), "Resources\\unheard-of\\Parameters"), ERROR_SUCCESS);
}

TEST_P(RegistryHomes, WhatIsStoredOutlivesTheObjectUntilItIsSwept) {
    const std::string path = "Groups\\" + std::string(empty_id);
    const auto key = open(path);
    ASSERT_EQ(set(key, "Mine", "x"), ERROR_SUCCESS);
    model::snapshot next = demo_snapshot();
    next.groups = {};
    client.source.shown = std::make_shared<const model::snapshot>(std::move(next));
    EXPECT_EQ(values(key), std::vector<std::string>{"Mine"});
    EXPECT_EQ(erase(client.root_key(), path), ERROR_SUCCESS);
    EXPECT_EQ(text(key, "Mine"), win32::to_string(ERROR_KEY_DELETED));
}

TEST_P(RegistryHomes, UnknownPropertiesAreListedByControlCodes) {
    const auto parameters = open(parameters_of(ip_id));
    ASSERT_EQ(set(parameters, "Shape", "round"), ERROR_SUCCESS);
    ASSERT_EQ(set(parameters, "Size", 4, encode_u32(7)), ERROR_SUCCESS);
    ASSERT_EQ(set(parameters, "Odd", 4, std::vector<std::byte>(3)), ERROR_SUCCESS);
    ASSERT_EQ(set(parameters, "Large", 11, std::vector<std::byte>(8)), ERROR_SUCCESS);
    wire::ApiResourceControl_in in;
    in.hResource = client.open_resource("Web Address");
    in.dwControlCode = 0x01000081; // CLUSCTL_RESOURCE_GET_PRIVATE_PROPERTIES
    in.nOutBufferSize = 4096;
    const auto out = client.ask<wire::ApiResourceControl>(in);
    ASSERT_EQ(code(out.result), ERROR_SUCCESS);
    const auto list = parse_property_list(std::span(out.lpOutBuffer).first(out.lpBytesReturned));
    ASSERT_TRUE(list);
    const auto* shape = model::find_property(*list, "Shape");
    ASSERT_TRUE(shape);
    EXPECT_EQ(std::get<std::string>(shape->value), "round");
    EXPECT_EQ(std::get<std::uint32_t>(model::find_property(*list, "Size")->value), 7U);
    EXPECT_EQ(model::find_property(*list, "Odd")->format, model::property_format::binary);
    EXPECT_EQ(model::find_property(*list, "Large")->format, model::property_format::ularge_integer);
}

} // namespace bridge::clusapi::test
