// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <unistd.h>

#include <functional>
#include <memory>
#include <utility>

namespace bridge::corosync {

/// Calls `ready` on the io_context's thread each time a library's descriptor can be read. Works on
/// a duplicate, so that the library may close its own whenever it likes. No call after destruction;
/// `ready` may destroy this object.
class readable {
public:
    readable(boost::asio::io_context& io, int fd, std::function<void()> ready)
        : state_(std::make_shared<state>(io, ::dup(fd), std::move(ready))) {
        state::wait(state_);
    }
    ~readable() { state_->stop(); }
    readable(const readable&) = delete;
    readable& operator=(const readable&) = delete;

private:
    struct state {
        state(boost::asio::io_context& io, int fd, std::function<void()> call)
            : descriptor(io, fd), ready(std::move(call)) {}
        void stop() {
            stopped = true;
            boost::system::error_code ignored;
            descriptor.close(ignored);
        }
        static void wait(const std::shared_ptr<state>& self) {
            self->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                        [self](boost::system::error_code error) {
                                            if (error || self->stopped)
                                                return;
                                            self->ready();
                                            if (!self->stopped)
                                                wait(self);
                                        });
        }
        boost::asio::posix::stream_descriptor descriptor;
        std::function<void()> ready;
        bool stopped = false;
    };
    std::shared_ptr<state> state_;
};

} // namespace bridge::corosync
