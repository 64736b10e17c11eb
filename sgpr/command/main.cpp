// SPDX-License-Identifier: Apache-2.0
#include "sgpr/command/application.hpp"

#include <csignal>
#include <exception>
#include <iostream>

namespace {

volatile std::sig_atomic_t stop_asked = 0;

void ask_to_stop(int) {
    stop_asked = 1;
}

} // namespace

int main(int argc, char** argv) {
    try {
        std::signal(SIGINT, ask_to_stop);
        std::signal(SIGTERM, ask_to_stop);
        const sgpr::machine here;
        sgpr::system_clock time;
        sgpr::command_line::console with{.out = std::cout,
                                         .err = std::cerr,
                                         .here = here,
                                         .time = time,
                                         .stopped = [] { return stop_asked != 0; },
                                         .in = &std::cin};
        return sgpr::command_line::run(with, {argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << "sgpr: " << error.what() << '\n';
        return sgpr::command_line::exit_error;
    }
}
