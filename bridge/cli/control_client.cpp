// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/control_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <optional>
#include <stdexcept>

namespace bridge::cli {

namespace asio = boost::asio;
namespace json = boost::json;
using asio::local::stream_protocol;
using boost::system::error_code;

namespace {

/// Of an answer; the daemon's largest is its status.
constexpr std::size_t answer_bytes = 1U << 20;

failure not_connected(const std::string& socket, const error_code& error) {
    if (error == asio::error::access_denied)
        return {exit_privileges, "only root and the daemon's user may command it"};
    if (error == asio::error::connection_refused ||
        error == boost::system::errc::no_such_file_or_directory)
        return {exit_unavailable, "clusbridged does not run here (" + socket + ")"};
    return {exit_unavailable, socket + ": " + error.message()};
}

/// Runs until `done` or the time is over.
class exchange {
public:
    explicit exchange(std::chrono::milliseconds patience)
        : end_(std::chrono::steady_clock::now() + patience) {}

    result<std::string> run(const std::string& path, const std::string& request) {
        error_code error;
        std::optional<stream_protocol::endpoint> where;
        try {
            where.emplace(path);
        } catch (const std::exception&) {
            return failure{exit_bad_parameter, path + ": too long for a socket"};
        }
        socket_.connect(*where, error);
        if (error)
            return not_connected(path, error);
        if (!wait([&](auto done) { asio::async_write(socket_, asio::buffer(request), done); }))
            return late();
        // A daemon that refuses may close before it has read all: the answer is there all the same.
        if (!wait([&](auto done) {
                asio::async_read_until(socket_, asio::dynamic_buffer(answer_, answer_bytes), '\n',
                                       done);
            }))
            return late();
        if (error_)
            return failure{exit_disconnected, "the daemon hung up before it answered"};
        return answer_;
    }

private:
    template <class Start>
    bool wait(Start start) {
        bool done = false;
        start([&](const error_code& error, std::size_t) {
            error_ = error;
            done = true;
        });
        io_.restart();
        io_.run_until(end_);
        if (done)
            return true;
        error_code ignored;
        socket_.close(ignored);
        io_.restart();
        io_.run(); // what refers to this function's variables ends
        return false;
    }

    static failure late() {
        return {exit_timeout, "the daemon did not answer in time; it may still do what was asked"};
    }

    std::chrono::steady_clock::time_point end_;
    asio::io_context io_{1};
    stream_protocol::socket socket_{io_};
    std::string answer_;
    error_code error_;
};

exit_code status_of(std::string_view code) {
    static constexpr std::pair<std::string_view, exit_code> known[] = {
        {"bad_argument", exit_bad_parameter},
        {"not_active", exit_no_quorum},
        {"busy", exit_try_again},
        {"disk_full", exit_cannot_create},
        {"tree_full", exit_data},
        {"too_large", exit_data},
        {"invalid", exit_data},
        {"not_found", exit_no_such_object},
        {"undecided", exit_unknown_outcome},
        {"refused", exit_refused},
        {"timeout", exit_timeout},
        {"bad_request", exit_protocol},
        {"unknown_command", exit_protocol},
    };
    for (const auto& [name, status] : known)
        if (name == code)
            return status;
    return exit_error;
}

} // namespace

std::string_view text_in(const json::object& in, std::string_view name,
                         std::string_view otherwise) {
    const json::value* value = in.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : otherwise;
}

void throw_exception_from_error(const failure& what, const boost::source_location&) {
    throw std::runtime_error(what.text);
}

result<json::object> control_client::ask(std::string_view command, json::object arguments) const {
    arguments["id"] = 1;
    arguments["command"] = command;
    exchange with(patience_);
    const auto line = with.run(socket_.string(), json::serialize(arguments) + "\n");
    if (!line)
        return line.error();
    error_code error;
    json::value answer = json::parse(*line, error);
    if (error || !answer.is_object())
        return failure{exit_protocol, "the daemon's answer is not understood"};
    json::object& object = answer.get_object();
    if (const json::value* refused = object.if_contains("error"); refused && refused->is_object()) {
        const json::object& why = refused->get_object();
        return failure{status_of(text_in(why, "code")), std::string(text_in(why, "text"))};
    }
    json::value* given = object.if_contains("result");
    if (given == nullptr || !given->is_object())
        return failure{exit_protocol, "the daemon's answer is not understood"};
    return std::move(given->get_object());
}

} // namespace bridge::cli
