// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/unit/clusapi/fixture.hpp"

#include "bridge/clusapi/property_list.hpp"

#include <string>
#include <utility>
#include <vector>

namespace bridge::clusapi::test {

/// A client of the registry.
class registry_suite : public both_syntaxes {
protected:
    static constexpr std::uint32_t maximum = win32::rights::maximum_allowed;

    ndr::context_handle open(std::string_view path, std::uint32_t desired = maximum) {
        return client.ask<wire::ApiOpenKey>({client.root_key(), w(path), desired}).result;
    }
    win32::win32_error opening(std::string_view path, std::uint32_t desired = maximum) {
        return code(client.ask<wire::ApiOpenKey>({client.root_key(), w(path), desired}).Status);
    }
    wire::ApiCreateKey_out create(const ndr::context_handle& key, std::string_view path,
                                  std::uint32_t desired = maximum) {
        wire::ApiCreateKey_in in;
        in.hKey = key;
        in.lpSubKey = w(path);
        in.samDesired = desired;
        return client.ask<wire::ApiCreateKey>(in);
    }
    wire::ApiCreateKey_out create(std::string_view path) { return create(client.root_key(), path); }
    win32::win32_error erase(const ndr::context_handle& key, std::string_view path) {
        return code(client.ask<wire::ApiDeleteKey>({key, w(path)}).result);
    }
    win32::win32_error set(const ndr::context_handle& key, std::string_view name,
                           std::uint32_t type, std::vector<std::byte> data) {
        wire::ApiSetValue_in in;
        in.hKey = key;
        in.lpValueName = w(name);
        in.dwType = type;
        in.cbData = static_cast<std::uint32_t>(data.size());
        in.lpData = std::move(data);
        return code(client.ask<wire::ApiSetValue>(in).result);
    }
    win32::win32_error set(const ndr::context_handle& key, std::string_view name,
                           std::string_view text) {
        return set(key, name, 1, encode_text(text));
    }
    win32::win32_error unset(const ndr::context_handle& key, std::string_view name) {
        return code(client.ask<wire::ApiDeleteValue>({key, w(name)}).result);
    }
    wire::ApiQueryValue_out query(const ndr::context_handle& key, std::u16string name,
                                  std::uint32_t size = 1000) {
        wire::ApiQueryValue_in in;
        in.hKey = key;
        in.lpValueName = std::move(name);
        in.cbData = size;
        return client.ask<wire::ApiQueryValue>(in);
    }
    /// A text value; the code in words when there is none.
    std::string text(const ndr::context_handle& key, std::string_view name) {
        const auto out = query(key, w(name));
        if (code(out.result) != win32::win32_error::ERROR_SUCCESS)
            return win32::to_string(code(out.result));
        return parse_text(std::span(out.lpData).first(out.lpcbRequired)).value_or("<no text>");
    }
    std::vector<std::string> subkeys(const ndr::context_handle& key) {
        std::vector<std::string> out;
        for (std::uint32_t i = 0;; ++i) {
            const auto entry = client.ask<wire::ApiEnumKey>({key, i});
            if (code(entry.result) != win32::win32_error::ERROR_SUCCESS) {
                EXPECT_EQ(code(entry.result), win32::win32_error::ERROR_NO_MORE_ITEMS);
                return out;
            }
            out.push_back(n(entry.KeyName));
        }
    }
    std::vector<std::string> values(const ndr::context_handle& key) {
        std::vector<std::string> out;
        for (std::uint32_t i = 0;; ++i) {
            const auto entry = client.ask<wire::ApiEnumValue>({key, i, 10000});
            if (code(entry.result) != win32::win32_error::ERROR_SUCCESS) {
                EXPECT_EQ(code(entry.result), win32::win32_error::ERROR_NO_MORE_ITEMS);
                return out;
            }
            out.push_back(n(entry.lpValueName));
        }
    }
    static std::string parameters_of(std::string_view id) {
        return "Resources\\" + std::string(id) + "\\Parameters";
    }
};

#define REGISTRY_SUITE(suite)                                                                      \
    using suite = registry_suite;                                                                  \
    INSTANTIATE_TEST_SUITE_P(                                                                      \
        Syntaxes, suite, ::testing::Values(ndr::syntax::ndr, ndr::syntax::ndr64),                  \
        [](const auto& tested) { return tested.param == ndr::syntax::ndr ? "Ndr" : "Ndr64"; })

} // namespace bridge::clusapi::test
