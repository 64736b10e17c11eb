// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sgpr/validate/node_agent.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <sys/types.h>

namespace sgpr::validate {

/// Another node through a command that runs `sgpr validate --serve` there and passes its standard
/// input and output. The other side undoes what is left when its input ends, whatever became of us.
class remote_agent final : public node_agent {
public:
    static constexpr std::chrono::seconds answer_time{60};

    /// `command` is the administrator's own, for /bin/sh.
    remote_agent(std::string name, const std::string& command);
    ~remote_agent() override;

    [[nodiscard]] std::string name() const override { return name_; }
    [[nodiscard]] answer perform(const request& what) override;

private:
    [[nodiscard]] answer broken(std::string why);

    std::string name_;
    pid_t child_ = -1;
    int to_ = -1;
    int from_ = -1;
    std::string buffer_;
};

/// Answers requests from `in` on `out` until `in` ends or a signal sets `stop`; then cleans up.
/// Returns 0, or 1 after a line that is no request.
int serve(node_agent& agent, int in, int out, const std::atomic<bool>& stop);

} // namespace sgpr::validate
