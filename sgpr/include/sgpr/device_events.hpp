// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace sgpr {

/// Says that block devices of this system may have come, gone or changed: the kernel's own events
/// (libudev's "kernel" source), which need no udevd and come before it has worked on a device. What
/// happened is in sysfs; an event is only the reason to look there, so that a lost one costs
/// nothing but time.
class device_events {
public:
    device_events();
    ~device_events();
    device_events(const device_events&) = delete;
    device_events& operator=(const device_events&) = delete;

    /// Why there will be no events; no error: there will.
    [[nodiscard]] std::error_code started() const;

    /// Readable when take() is to be called; -1 when there are no events.
    [[nodiscard]] int descriptor() const;

    struct taken {
        std::vector<std::string> names; ///< of disks as the kernel calls them: "sda"
        bool missed = false;            ///< there were more, nobody knows of which
    };
    /// What is there, 1000 events at most.
    taken take();

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

} // namespace sgpr
