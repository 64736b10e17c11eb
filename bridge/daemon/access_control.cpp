// SPDX-License-Identifier: Apache-2.0
#include "bridge/daemon/access_control.hpp"

#include "bridge/daemon/control_answers.hpp"
#include "bridge/daemon/control_request.hpp"
#include "bridge/daemon/stored_descriptor.hpp"
#include "bridge/win32/sddl.hpp"

#include <boost/json/value.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace bridge::daemon {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

struct access_commands {
    control_socket& control;
    ports::registry& store;
    std::string configured;
};

using access_ptr = std::shared_ptr<const access_commands>;

constexpr std::size_t most_audited = 1024; ///< characters of a descriptor in the journal

json::object shown(const access_commands& with) {
    const auto stored = stored_descriptor(with.store.tree());
    const auto text =
        stored ? win32::to_sddl(*stored) : win32::result<std::string>(with.configured);
    json::object out;
    out["sddl"] = text ? json::value(*text) : json::value(nullptr);
    out["stored"] = stored.has_value();
    out["configured"] = with.configured;
    return out;
}

asio::awaitable<json::object> change(access_ptr with, json::object request,
                                     std::optional<win32::security_descriptor> to,
                                     std::string what) {
    auto storing = store_descriptor(with->store, std::move(to),
                                    "clusbridge access, " + control_caller(request));
    const model::registry_errc code = co_await std::move(storing);
    if (code != model::registry_errc::none)
        co_return registry_refusal(code);
    with->control.note("access: " + control_caller(request) + " " + what);
    co_return shown(*with);
}

asio::awaitable<json::object> show(access_ptr with, json::object) {
    auto reading = with->store.readable();
    const model::registry_errc fresh = co_await std::move(reading);
    if (fresh != model::registry_errc::none)
        co_return registry_refusal(fresh);
    co_return shown(*with);
}

asio::awaitable<json::object> set(access_ptr with, json::object request) {
    const json::value* text = request.if_contains("sddl");
    if (text == nullptr || !text->is_string())
        co_return control_error("bad_argument", "sddl is missing");
    const std::string sddl(std::string_view(text->get_string()));
    auto parsed = win32::parse_sddl(sddl);
    if (!parsed)
        co_return control_error("bad_argument", "not a security descriptor in SDDL");
    // Without a list everybody is let in (MS-DTYP 2.5.3.2): nobody who means that says it so.
    if (!parsed->dacl)
        co_return control_error("bad_argument", "without a DACL everybody would have full control");
    const std::string cut = sddl.size() > most_audited ? "..." : "";
    auto changing = change(with, std::move(request), std::move(*parsed),
                           "set the descriptor " + sddl.substr(0, most_audited) + cut);
    co_return co_await std::move(changing);
}

asio::awaitable<json::object> reset(access_ptr with, json::object request) {
    auto changing = change(with, std::move(request), std::nullopt, "removed the stored descriptor");
    co_return co_await std::move(changing);
}

} // namespace

void register_access_commands(control_socket& control, ports::registry& store,
                              std::string configured) {
    const auto shared = std::make_shared<const access_commands>(
        access_commands{control, store, std::move(configured)});
    const auto add = [&](const char* name,
                         asio::awaitable<json::object> (*run)(access_ptr, json::object)) {
        control.handle(
            name, [shared, run](json::object request) { return run(shared, std::move(request)); });
    };
    add("access.show", show);
    add("access.set", set);
    add("access.reset", reset);
}

} // namespace bridge::daemon
