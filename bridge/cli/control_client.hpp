// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/cli/exit_codes.hpp"

#include <boost/json/object.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

namespace bridge::cli {

/// Why there is no result: for the user, with the status to end with.
struct failure {
    exit_code status = exit_error;
    std::string text;
};

[[noreturn]] void throw_exception_from_error(const failure& what,
                                             const boost::source_location& where);

template <class T>
using result = boost::system::result<T, failure>;

/// The text of a member, which lives as long as `in`; `otherwise` when it has none.
[[nodiscard]] std::string_view text_in(const boost::json::object& in, std::string_view name,
                                       std::string_view otherwise = {});

/// Asks the daemon of this node through its control socket, one connection a question.
class control_client {
public:
    explicit control_client(std::filesystem::path socket,
                            std::chrono::milliseconds patience = std::chrono::seconds(75))
        : socket_(std::move(socket)), patience_(patience) {}

    /// Blocks until the answer is there. `arguments` lacks id and command.
    [[nodiscard]] result<boost::json::object> ask(std::string_view command,
                                                  boost::json::object arguments = {}) const;

private:
    std::filesystem::path socket_;
    std::chrono::milliseconds patience_;
};

} // namespace bridge::cli
