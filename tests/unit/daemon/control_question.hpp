// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace bridge::tests {

/// One question on a connection of its own; blocks until the answer is there.
inline boost::json::object ask_control(const std::filesystem::path& at, std::string_view command,
                                       boost::json::object arguments = {}) {
    arguments["command"] = command;
    const std::string text = boost::json::serialize(arguments) + "\n";
    boost::asio::io_context io;
    boost::asio::local::stream_protocol::socket socket(io);
    socket.connect(boost::asio::local::stream_protocol::endpoint(at.string()));
    boost::asio::write(socket, boost::asio::buffer(text));
    std::string answer;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(answer), '\n');
    return boost::json::parse(answer).as_object();
}

/// Of an answer; empty: it is a result.
inline std::string error_code(const boost::json::object& answer) {
    const boost::json::value* error = answer.if_contains("error");
    return error != nullptr ? std::string(std::string_view(error->at("code").as_string())) : "";
}

} // namespace bridge::tests
