// SPDX-License-Identifier: Apache-2.0
#include "sgpr/device_events.hpp"

#include <libudev.h>
#include <poll.h>

#include <cerrno>

namespace sgpr {

namespace {

constexpr int max_events_at_once = 1000;

struct udev_deleter {
    void operator()(::udev* one) const { ::udev_unref(one); }
};
struct monitor_deleter {
    void operator()(::udev_monitor* one) const { ::udev_monitor_unref(one); }
};

} // namespace

struct device_events::parts {
    std::unique_ptr<::udev, udev_deleter> udev;
    std::unique_ptr<::udev_monitor, monitor_deleter> monitor;
    std::error_code error;
};

device_events::device_events() : parts_(std::make_unique<parts>()) {
    errno = 0;
    parts_->udev.reset(::udev_new());
    if (parts_->udev)
        parts_->monitor.reset(::udev_monitor_new_from_netlink(parts_->udev.get(), "kernel"));
    if (parts_->monitor &&
        ::udev_monitor_filter_add_match_subsystem_devtype(parts_->monitor.get(), "block", "disk") >=
            0 &&
        ::udev_monitor_enable_receiving(parts_->monitor.get()) >= 0)
        return;
    parts_->error = {errno != 0 ? errno : ENOTSUP, std::generic_category()};
    parts_->monitor.reset();
}

device_events::~device_events() = default;

std::error_code device_events::started() const {
    return parts_->error;
}

int device_events::descriptor() const {
    return parts_->monitor ? ::udev_monitor_get_fd(parts_->monitor.get()) : -1;
}

device_events::taken device_events::take() {
    taken got;
    for (int i = 0; i < max_events_at_once && descriptor() >= 0; ++i) {
        ::pollfd wait{descriptor(), POLLIN, 0};
        if (::poll(&wait, 1, 0) <= 0)
            break;
        errno = 0;
        ::udev_device* const event = ::udev_monitor_receive_device(parts_->monitor.get());
        if (event == nullptr) {
            got.missed = got.missed || errno != EAGAIN; // else it was of another kind of device
            continue;
        }
        const char* const name = ::udev_device_get_sysname(event);
        got.names.emplace_back(name != nullptr ? name : "");
        ::udev_device_unref(event);
    }
    return got;
}

} // namespace sgpr
