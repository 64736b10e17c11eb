// SPDX-License-Identifier: Apache-2.0
#include "bridge/pacemaker/embedded_cluster.hpp"

#include "bridge/model/facts.hpp"
#include "bridge/pacemaker/pacemaker_thread.hpp"
#include "bridge/pacemaker/shim.hpp"
#include "xml/cib.hpp"

#include <boost/asio/post.hpp>

#include <string>
#include <system_error>
#include <utility>

namespace bridge::pacemaker {

namespace {

namespace fs = std::filesystem;

/// Copies the CIB into the private folder; digests of an earlier run must not lie beside it.
fs::path working_copy(const fs::path& cib, const fs::path& directory, std::error_code& error) {
    fs::create_directories(directory, error);
    if (error)
        return {};
    fs::permissions(directory, fs::perms::owner_all, error);
    if (error)
        return {};
    const fs::path copy = fs::absolute(directory) / "cib.xml";
    fs::remove(directory / "cib.xml.sig", error);
    fs::copy_file(cib, copy, fs::copy_options::overwrite_existing, error);
    if (error)
        return {};
    fs::permissions(copy, fs::perms::owner_read | fs::perms::owner_write, error);
    return error ? fs::path() : copy;
}

} // namespace

struct embedded_cluster::core final : shim_listener, std::enable_shared_from_this<core> {
    core(boost::asio::io_context& context, fs::path from, fs::path in, log_function log_to)
        : io(context), source(std::move(from)), directory(std::move(in)), log(std::move(log_to)) {}

    // A file sends no events.
    void cib_full(std::string, std::error_code) override {}
    void cib_patchset(std::string, cib_scope) override {}
    void cib_lost() override {}
    void remote_version(model::cib_version, std::error_code) override {}
    void controller_state(std::string, std::string) override {}
    void node_fenced(std::string) override {}
    void fencer_lost() override {}

    template <class Work>
    void back(Work work) {
        boost::asio::post(io, [self = shared_from_this(), work = std::move(work)]() mutable {
            if (!self->stopped)
                work(*self);
        });
    }

    // On the Pacemaker thread.
    void failed(std::string_view what, std::error_code error) {
        back([text = std::string(what) + ": " + error.message()](core& c) {
            if (c.log)
                c.log(text);
            if (c.changed)
                c.changed(nullptr, false);
        });
    }

    void send(bool settled) {
        std::error_code error;
        std::string text = shim_read(*cluster, error);
        if (error) {
            failed("cannot read the embedded CIB", error);
            return;
        }
        back([text = std::move(text), settled](core& c) { c.received(text, settled); });
    }

    void begin() {
        std::error_code error;
        const fs::path file = working_copy(source, directory, error);
        cluster = shim_open(*this, file.empty() ? "/nonexistent" : file.string());
        if (error) {
            failed("cannot copy the embedded CIB", error);
            return;
        }
        if ((error = shim_sign_on(*cluster)) || (error = shim_simulate(*cluster))) {
            failed("cannot use the embedded CIB", error);
            return;
        }
        send(true);
    }

    std::error_code edit(const std::string& xml) {
        std::error_code result = std::make_error_code(std::errc::not_connected);
        shim_modify(*cluster, xml, [&result](std::error_code error) { result = error; });
        if (result)
            return result;
        send(false);
        if (const auto error = shim_simulate(*cluster))
            failed("the scheduler failed", error);
        else
            send(true);
        return {};
    }

    // On the io_context's thread.
    void received(const std::string& text, bool settled) {
        const auto document = xml::cib_document::parse(text);
        facts = document ? document->facts() : nullptr;
        tell_membership();
        if (!stopped && changed)
            changed(facts, facts && settled);
    }

    void tell_membership() const {
        if (membership_changed)
            membership_changed(
                facts ? std::make_shared<const model::membership>(membership_of(*facts)) : nullptr);
    }

    boost::asio::io_context& io;
    fs::path source;
    fs::path directory;
    log_function log;
    handler changed;
    ports::membership_source::handler membership_changed;
    std::shared_ptr<const model::cib_facts> facts;
    bool stopped = false;
    shim_ptr cluster;
    std::unique_ptr<pacemaker_thread> thread;
};

embedded_cluster::embedded_cluster(boost::asio::io_context& io, fs::path cib, fs::path directory,
                                   log_function log)
    : core_(std::make_shared<core>(io, std::move(cib), std::move(directory), std::move(log))) {}

embedded_cluster::~embedded_cluster() {
    stop();
}

void embedded_cluster::start(handler changed) {
    core& c = *core_;
    c.changed = std::move(changed);
    c.thread = std::make_unique<pacemaker_thread>([&c] { c.begin(); }, [&c] { c.cluster.reset(); });
}

void embedded_cluster::stop() {
    core_->stopped = true;
    core_->thread.reset();
}

void embedded_cluster::modify(std::string xml, completion done) {
    core& c = *core_;
    if (c.stopped || !c.thread) {
        done(std::make_error_code(std::errc::not_connected));
        return;
    }
    c.thread->post([&c, xml = std::move(xml), done = std::move(done)] {
        const std::error_code error = c.edit(xml);
        c.back([done, error](core&) { done(error); });
    });
}

embedded_membership::embedded_membership(embedded_cluster& cluster) : core_(cluster.core_) {}

embedded_membership::~embedded_membership() {
    stop();
}

void embedded_membership::start(handler changed) {
    core_->membership_changed = std::move(changed);
    if (core_->facts)
        core_->tell_membership();
}

void embedded_membership::stop() {
    core_->membership_changed = nullptr;
}

} // namespace bridge::pacemaker
