// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/sgpr/iscsi_transport.hpp"

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace contract {
namespace {

/// Format "random" with this number, and the caller's qualifier (RFC 7143 11.12.5).
constexpr std::uint32_t isid_number = 0x4c4142;

struct context_deleter {
    void operator()(iscsi_context* context) const { iscsi_destroy_context(context); }
};
using context = std::unique_ptr<iscsi_context, context_deleter>;

struct task_deleter {
    void operator()(scsi_task* task) const { scsi_free_scsi_task(task); }
};
using task = std::unique_ptr<scsi_task, task_deleter>;

int whole_seconds(std::chrono::milliseconds timeout) {
    return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(timeout).count());
}

scsi_xfer_dir direction_of(const sgpr::command& what) {
    if (what.data_in_length != 0) {
        return SCSI_XFER_READ;
    }
    return what.data_out.empty() ? SCSI_XFER_NONE : SCSI_XFER_WRITE;
}

task task_of(const sgpr::command& what) {
    sgpr::bytes raw(what.cdb.view().begin(), what.cdb.view().end());
    const auto length = std::max<std::size_t>(what.data_in_length, what.data_out.size());
    return task(scsi_create_task(static_cast<int>(raw.size()), raw.data(), direction_of(what),
                                 static_cast<int>(length)));
}

/// What libiscsi says of an ended task. The sense data follow two bytes of their length.
sgpr::outcome outcome_of(const scsi_task& ended, const sgpr::command& what) {
    sgpr::outcome got;
    const auto* data = ended.datain.data;
    const auto size = static_cast<std::size_t>(std::max(ended.datain.size, 0));
    if (ended.status == SCSI_STATUS_TIMEOUT) {
        got.how = sgpr::delivery::timed_out;
    } else if (ended.status < 0 || ended.status > 0xff) {
        got.how = sgpr::delivery::unreachable;
    } else if (ended.status == SCSI_STATUS_CHECK_CONDITION && size > 2) {
        got.status = sgpr::scsi_status::check_condition;
        got.sense.assign(data + 2, data + size);
    } else {
        got.status = static_cast<sgpr::scsi_status>(ended.status);
        got.data.assign(data, data + std::min<std::size_t>(size, what.data_in_length));
        got.residual = static_cast<std::int32_t>(what.data_in_length - got.data.size());
    }
    return got;
}

} // namespace

class iscsi_session {
public:
    iscsi_session(context logged_in, sgpr::transport_id self, int lun)
        : context_(std::move(logged_in)), self_(std::move(self)), lun_(lun) {}
    iscsi_session(const iscsi_session&) = delete;
    iscsi_session& operator=(const iscsi_session&) = delete;
    ~iscsi_session() { iscsi_logout_sync(context_.get()); }

    [[nodiscard]] sgpr::outcome submit(const sgpr::command& what);
    [[nodiscard]] const sgpr::transport_id& self() const { return self_; }

private:
    context context_;
    sgpr::transport_id self_;
    int lun_;
};

sgpr::outcome iscsi_session::submit(const sgpr::command& what) {
    auto todo = task_of(what);
    auto sent = what.data_out;
    iscsi_data payload{sent.size(), sent.data()};
    iscsi_set_timeout(context_.get(), whole_seconds(what.timeout));
    const auto start = std::chrono::steady_clock::now();
    const auto* ended = iscsi_scsi_command_sync(context_.get(), lun_, todo.get(),
                                                sent.empty() ? nullptr : &payload);
    auto got = ended ? outcome_of(*ended, what) : sgpr::outcome{.how = sgpr::delivery::unreachable};
    got.duration = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start);
    return got;
}

namespace {

class iscsi_transport final : public sgpr::transport {
public:
    explicit iscsi_transport(std::shared_ptr<iscsi_session> session)
        : session_(std::move(session)) {}

    sgpr::outcome submit(const sgpr::command& what) override { return session_->submit(what); }
    std::string name() const override { return sgpr::text(session_->self()); }
    std::optional<sgpr::transport_id> initiator() const override { return session_->self(); }

private:
    std::shared_ptr<iscsi_session> session_;
};

} // namespace

std::shared_ptr<iscsi_session> log_in(const iscsi_unit& unit, const std::string& initiator,
                                      std::uint16_t qualifier) {
    context made(iscsi_create_context(initiator.c_str()));
    if (!made) {
        std::fprintf(stderr, "%s: no memory\n", initiator.c_str());
        return nullptr;
    }
    iscsi_set_isid_random(made.get(), isid_number, qualifier);
    iscsi_set_targetname(made.get(), unit.target.c_str());
    iscsi_set_session_type(made.get(), ISCSI_SESSION_NORMAL);
    iscsi_set_timeout(made.get(), whole_seconds(sgpr::default_timeout));
    // A lost session must be seen, not mended behind our back: the next one is another nexus.
    iscsi_set_noautoreconnect(made.get(), 1);
    if (iscsi_full_connect_sync(made.get(), unit.portal.c_str(), unit.lun) != 0) {
        std::fprintf(stderr, "%s: %s\n", unit.portal.c_str(), iscsi_get_error(made.get()));
        return nullptr;
    }
    const sgpr::initiator_session isid{0x80,
                                       isid_number >> 16 & 0xff,
                                       isid_number >> 8 & 0xff,
                                       isid_number & 0xff,
                                       static_cast<std::uint8_t>(qualifier >> 8),
                                       static_cast<std::uint8_t>(qualifier & 0xff)};
    return std::make_shared<iscsi_session>(std::move(made),
                                           sgpr::iscsi_transport_id(initiator, isid), unit.lun);
}

std::unique_ptr<sgpr::transport> open(std::shared_ptr<iscsi_session> session) {
    return std::make_unique<iscsi_transport>(std::move(session));
}

} // namespace contract
