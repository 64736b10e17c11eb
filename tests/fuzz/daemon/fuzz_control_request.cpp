// SPDX-License-Identifier: Apache-2.0
// Whatever comes as a line on the control socket is a request or is refused with a reason, and the
// answer to it is one line of JSON.
#include "bridge/daemon/control_request.hpp"
#include "bridge/win32/invariant.hpp"

#include <boost/json.hpp>

#include <cstdint>

using namespace bridge::daemon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto request = read_control_request({reinterpret_cast<const char*>(data), size});
    BRIDGE_INVARIANT(request.command.size() <= max_control_command);
    BRIDGE_INVARIANT(!request.error.empty() || request.arguments.contains("command"));
    const std::string answer = control_answer(
        request.id, request.error.empty() ? std::move(request.arguments)
                                          : control_error("bad_request", request.error));
    BRIDGE_INVARIANT(answer.find('\n') == answer.size() - 1);
    boost::system::error_code error;
    boost::json::parse(answer, error);
    BRIDGE_INVARIANT(!error);
    return 0;
}
