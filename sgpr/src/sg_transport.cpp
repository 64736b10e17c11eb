// SPDX-License-Identifier: Apache-2.0
#include "sgpr/sg_transport.hpp"

#include <scsi/sg_pt.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace sgpr {
namespace {

namespace fs = std::filesystem;

/// Host status of Linux' SCSI midlayer (include/scsi/scsi_status.h).
enum host_status : int {
    did_ok = 0x00,
    did_time_out = 0x03,
    did_target_failure = 0x10,
    did_nexus_failure = 0x11,
    did_alloc_failure = 0x12,
    did_medium_error = 0x13,
};

/// With these the device did answer: older kernels set them beside the status that it gave.
bool device_answered(int host) {
    return host == did_ok || (host >= did_target_failure && host <= did_medium_error);
}

class sg_device {
public:
    explicit sg_device(int value) : value_(value) {}
    sg_device(sg_device&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    sg_device& operator=(sg_device&&) = delete;
    ~sg_device() {
        if (value_ >= 0) {
            scsi_pt_close_device(value_);
        }
    }
    [[nodiscard]] int value() const { return value_; }

private:
    int value_;
};

struct pass_through_deleter {
    void operator()(sg_pt_base* object) const { destruct_scsi_pt_obj(object); }
};
using pass_through = std::unique_ptr<sg_pt_base, pass_through_deleter>;

bool possible(const command& what) {
    return what.cdb.size() >= 6 && what.data_out.size() <= max_transfer_bytes &&
           what.data_in_length <= max_transfer_bytes &&
           (what.data_out.empty() || what.data_in_length == 0);
}

delivery of_errno(int error) {
    switch (error) {
    case ENODEV:
    case ENXIO:
    case ENOENT:
        return delivery::gone;
    case ETIMEDOUT:
        return delivery::timed_out;
    default:
        return delivery::failed;
    }
}

/// libsgutils2 takes whole seconds.
int whole_seconds(std::chrono::milliseconds timeout) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(timeout).count();
    return static_cast<int>(std::clamp<std::int64_t>(seconds, 1, 3600));
}

class sg_transport final : public transport {
public:
    sg_transport(sg_device device, std::string name, fs::path folder, fs::path sysfs)
        : device_(std::move(device)), name_(std::move(name)), folder_(std::move(folder)),
          sysfs_(std::move(sysfs)) {}

    outcome submit(const command& what) override;
    std::string name() const override { return name_; }
    std::optional<transport_id> initiator() const override { return initiator_of(folder_, sysfs_); }

private:
    sg_device device_;
    std::string name_;
    fs::path folder_; ///< as it was when the device was opened: its name may be another's later
    fs::path sysfs_;
};

/// Fills in what the object knows after do_scsi_pt answered 0 or SCSI_PT_DO_TIMEOUT.
void collect(const sg_pt_base* object, bool timed_out, byte_view sense, outcome& into) {
    const auto category = get_scsi_pt_result_category(object);
    const auto host = get_scsi_pt_transport_err(object);
    into.status =
        scsi_status{static_cast<std::uint8_t>(get_scsi_pt_status_response(object) & 0x7e)};
    into.residual = get_scsi_pt_resid(object);
    into.transport_error = host;
    if (timed_out || host == did_time_out) {
        into.how = delivery::timed_out;
    } else if (category == SCSI_PT_RESULT_OS_ERR) {
        into.os_error = get_scsi_pt_os_err(object);
        into.how = of_errno(into.os_error);
    } else if (!device_answered(host) ||
               (category == SCSI_PT_RESULT_TRANSPORT_ERR && into.status == scsi_status::good)) {
        into.how = delivery::unreachable;
    }
    const auto length =
        std::clamp<int>(get_scsi_pt_sense_len(object), 0, static_cast<int>(sense.size()));
    into.sense.assign(sense.begin(), sense.begin() + length);
}

outcome sg_transport::submit(const command& what) {
    outcome got;
    if (!possible(what)) {
        got.how = delivery::refused;
        return got;
    }
    const pass_through object(construct_scsi_pt_obj_with_fd(device_.value(), 0));
    if (!object) {
        got.how = delivery::failed;
        got.os_error = ENOMEM;
        return got;
    }
    std::array<std::uint8_t, 96> sense{};
    const auto cdb = what.cdb.view();
    set_scsi_pt_cdb(object.get(), cdb.data(), static_cast<int>(cdb.size()));
    set_scsi_pt_sense(object.get(), sense.data(), static_cast<int>(sense.size()));
    got.data.resize(what.data_in_length);
    if (!got.data.empty()) {
        set_scsi_pt_data_in(object.get(), got.data.data(), static_cast<int>(got.data.size()));
    } else if (!what.data_out.empty()) {
        set_scsi_pt_data_out(object.get(), what.data_out.data(),
                             static_cast<int>(what.data_out.size()));
    }
    const auto start = std::chrono::steady_clock::now();
    const auto answer = do_scsi_pt(object.get(), -1, whole_seconds(what.timeout), 0);
    got.duration = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start);
    if (answer < 0) {
        got.os_error = -answer;
        got.how = of_errno(got.os_error);
    } else if (answer != 0 && answer != SCSI_PT_DO_TIMEOUT) {
        got.how = delivery::refused;
    } else {
        collect(object.get(), answer == SCSI_PT_DO_TIMEOUT, sense, got);
    }
    const auto missing = std::clamp<std::int64_t>(got.residual, 0, what.data_in_length);
    got.data.resize(got.how == delivery::answered
                        ? what.data_in_length - static_cast<std::uint32_t>(missing)
                        : 0);
    return got;
}

/// The folder of the SCSI device behind a node: /sys/dev/{block,char}/MAJOR:MINOR/device.
/// Device-mapper devices and partitions have none.
result<fs::path> folder_of(int device, const fs::path& sysfs) {
    struct stat about {};
    if (::fstat(device, &about) != 0) {
        return failure{.code = errc::system, .os_error = errno};
    }
    if (!S_ISBLK(about.st_mode) && !S_ISCHR(about.st_mode)) {
        return failure{.code = errc::unsupported, .os_error = ENOTBLK};
    }
    const auto number =
        std::to_string(major(about.st_rdev)) + ':' + std::to_string(minor(about.st_rdev));
    std::error_code error;
    auto folder = fs::canonical(
        sysfs / "dev" / (S_ISBLK(about.st_mode) ? "block" : "char") / number / "device", error);
    // A SCSI device is named HOST:CHANNEL:TARGET:UNIT.
    const auto name = folder.filename().string();
    if (error || std::count(name.begin(), name.end(), ':') != 3) {
        return failure{.code = errc::unsupported, .os_error = error.value()};
    }
    return folder;
}

} // namespace

result<std::unique_ptr<transport>> open_sg(const fs::path& device, const fs::path& sysfs) {
    sg_device opened(scsi_pt_open_flags(device.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC, 0));
    if (opened.value() < 0) {
        const auto error = -opened.value();
        return failure{.code = of_errno(error) == delivery::gone ? errc::gone : errc::system,
                       .os_error = error};
    }
    auto folder = folder_of(opened.value(), sysfs);
    if (!folder) {
        return folder.error();
    }
    return std::unique_ptr<transport>(
        std::make_unique<sg_transport>(std::move(opened), device.string(), *folder, sysfs));
}

} // namespace sgpr
