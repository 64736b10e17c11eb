// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace bridge::ports {

enum class cib_change_result : std::uint8_t {
    applied,
    other_mark, ///< the mark was not the expected one: nothing changed
    refused,    ///< the change is not valid: nothing changed
    unknown,    ///< no answer: it may be applied, now or later
};

/// The CIB with one mark that names the last change made through here. A change counts only while
/// the mark is the expected one, and sets another, in one atomic step: of two that expect the same
/// mark one at most is ever applied, however late it arrives.
class marked_cib {
public:
    virtual ~marked_cib() = default;

    /// The mark in the CIB as the cluster has it now; nullopt: no answer.
    virtual boost::asio::awaitable<std::optional<std::string>> mark() = 0;

    /// `xml` (UTF-8, a `<cib>` or one of its sections; empty: the mark alone) is merged into the
    /// CIB.
    virtual boost::asio::awaitable<cib_change_result>
    change(std::string expected_mark, std::string new_mark, std::string xml) = 0;
};

} // namespace bridge::ports
