// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/password.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace bridge::cli {
namespace {

/// Echo is off as long as this lives.
class no_echo {
public:
    no_echo() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0)
            return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    ~no_echo() {
        if (changed_)
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    no_echo(const no_echo&) = delete;
    no_echo& operator=(const no_echo&) = delete;

    [[nodiscard]] bool works() const { return changed_; }

private:
    termios before_{};
    bool changed_ = false;
};

} // namespace

std::optional<std::string> password_from_stdin() {
    std::string line;
    if (!std::getline(std::cin, line))
        return std::nullopt;
    if (!line.empty() && line.back() == '\r')
        line.pop_back();
    return line;
}

std::optional<std::string> password_from_terminal(const std::string& prompt) {
    const no_echo silence;
    if (!silence.works())
        return std::nullopt;
    std::cerr << prompt << ": ";
    const auto first = password_from_stdin();
    std::cerr << "\nOnce more: ";
    const auto second = password_from_stdin();
    std::cerr << '\n';
    return first && first == second ? first : std::nullopt;
}

} // namespace bridge::cli
