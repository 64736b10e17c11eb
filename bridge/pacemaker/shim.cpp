// SPDX-License-Identifier: Apache-2.0
// The only file that sees Pacemaker's headers.
#include "bridge/pacemaker/shim.hpp"

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

// Before mainloop.h, which includes these inside extern "C" (up to 3.0.1).
#include <glib.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <qb/qbipcc.h>
#include <qb/qbipcs.h>
#include <qb/qbloop.h>
#ifdef __clang__
#pragma clang diagnostic ignored "-Wkeyword-macro"
#endif
#define namespace namespace_ // a parameter's name in stonith-ng.h
#include <crm/cib.h>
#include <crm/common/ipc_controld.h>
#include <crm/common/logging.h>
#include <crm/common/results.h>
#include <crm/common/xml.h>
#include <crm/pengine/status.h>
#include <crm/stonith-ng.h>
#if __has_include(<pacemaker.h>)
#include <pacemaker.h>
#define BRIDGE_PACEMAKER_H 1
#endif
#undef namespace

#ifndef BRIDGE_PACEMAKER_H
// Exported, but its header is installed only from 2.1.8 on.
extern "C" {
struct pcmk_injections_t {
    GList* lists[9];
    char* watchdog;
    char* quorum;
};
enum pcmk_sim_flags : unsigned int { pcmk_sim_process = 1U << 2, pcmk_sim_simulate = 1U << 5 };
int pcmk_simulate(xmlNodePtr* xml, pe_working_set_t* data_set, pcmk_injections_t* injections,
                  unsigned int flags, unsigned int section_opts, char* use_date, char* input_file,
                  char* graph_file, char* dot_file);
}
#endif

namespace bridge::pacemaker {

struct shim {
    shim_listener* listener = nullptr;
    bool file = false;
    cib_t* cib = nullptr;
    bool signing_off = false;
    pcmk_ipc_api_t* controller = nullptr;
    bool controller_lost = false;
    std::string pinged;
    stonith_t* fencer = nullptr;
    bool fencer_lost = false;
};

namespace {

constexpr int query_timeout_s = 30;
constexpr int modify_timeout_s = 60;
constexpr int call_timeout_s = 10; ///< synchronous calls; the library's default is 120
constexpr const char* client_name = "clusbridged";
constexpr const char* diff_event = "cib_diff_notify";
constexpr const char* fenced_event = "st_notify_fence";
constexpr const char* fencer_lost_event = "st_notify_disconnect";

// Notification callbacks of libcib carry no user data; there is one shim per process.
shim* active = nullptr;

class category final : public std::error_category {
public:
    const char* name() const noexcept override { return "pacemaker"; }
    std::string message(int code) const override { return pcmk_strerror(code); }
};

std::error_code legacy(int rc) {
    return {rc < 0 ? rc : 0, pacemaker_category()};
}
std::error_code standard(int rc) {
    // Standard codes are errno values or negative numbers of their own; both have legacy
    // counterparts.
    return {rc == 0 ? 0 : pcmk_rc2legacy(rc), pacemaker_category()};
}

std::string to_text(xmlNode* node) {
    std::string text;
    if (node == nullptr)
        return text;
    if (xmlBuffer* buffer = xmlBufferCreate()) {
        if (xmlNodeDump(buffer, node->doc, node, 0, 0) > 0)
            text.assign(reinterpret_cast<const char*>(xmlBufferContent(buffer)),
                        static_cast<std::size_t>(xmlBufferLength(buffer)));
        xmlBufferFree(buffer);
    }
    return text;
}

std::string_view attribute(const xmlNode* node, const char* name) {
    for (const xmlAttr* a = node->properties; a != nullptr; a = a->next)
        if (std::strcmp(reinterpret_cast<const char*>(a->name), name) == 0 &&
            a->children != nullptr)
            return reinterpret_cast<const char*>(a->children->content);
    return {};
}

std::uint32_t number(const xmlNode* node, const char* name) {
    const std::string_view text = attribute(node, name);
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool is_element(const xmlNode* node, const char* name) {
    return node->type == XML_ELEMENT_NODE &&
           std::strcmp(reinterpret_cast<const char*>(node->name), name) == 0;
}

cib_scope scope_of(const xmlNode* change) {
    constexpr std::string_view configuration = "/cib/configuration";
    constexpr std::string_view status = "/cib/status";
    const std::string_view path = attribute(change, "path");
    if (path.starts_with(configuration))
        return cib_scope::configuration;
    if (path == "/cib") {
        // Every patchset changes the version here; only what is beside it counts.
        for (const xmlNode* list = change->children; list != nullptr; list = list->next)
            for (const xmlNode* a = list->children; a != nullptr; a = a->next) {
                const std::string_view name =
                    a->type == XML_ELEMENT_NODE ? attribute(a, "name") : "";
                if (name == "dc-uuid" || name == "have-quorum")
                    return cib_scope::membership;
            }
        return attribute(change, "operation") == "modify" ? cib_scope::none
                                                          : cib_scope::configuration;
    }
    if (path.starts_with(status)) {
        if (path.find('/', status.size() + 1) == std::string_view::npos)
            return cib_scope::membership;
        return path.find("/transient_attributes") != std::string_view::npos ? cib_scope::attributes
                                                                            : cib_scope::history;
    }
    return cib_scope::configuration; // never guess that nothing happened
}

cib_scope scope_of_patchset(const xmlNode* diff) {
    cib_scope all = cib_scope::none;
    for (const xmlNode* c = diff->children; c != nullptr; c = c->next)
        if (is_element(c, "change"))
            all = all | scope_of(c);
    return all;
}

xmlNode* find_below(xmlNode* node, const char* name) {
    for (xmlNode* c = node->children; c != nullptr; c = c->next) {
        if (c->type != XML_ELEMENT_NODE)
            continue;
        if (is_element(c, name))
            return c;
        if (xmlNode* found = find_below(c, name))
            return found;
    }
    return nullptr;
}

void on_diff(const char*, xmlNode* message) {
    if (active == nullptr || message == nullptr)
        return;
    const std::string_view rc = attribute(message, "cib_rc");
    if (!rc.empty() && rc != "0")
        return; // a refused change
    xmlNode* diff = find_below(message, "diff");
    if (diff == nullptr) {
        // A change that we cannot follow: an empty patchset makes the owner ask for the whole CIB.
        active->listener->cib_patchset({}, cib_scope::configuration | cib_scope::membership);
        return;
    }
    active->listener->cib_patchset(to_text(diff), scope_of_patchset(diff));
}

void on_lost(gpointer) {
    if (active != nullptr && !active->signing_off)
        active->listener->cib_lost();
}

void on_full(xmlNode*, int, int rc, xmlNode* output, void*) {
    if (active == nullptr || active->signing_off)
        return;
    std::string text = rc < 0 ? std::string() : to_text(output);
    const auto error = rc < 0 ? legacy(rc) : text.empty() ? legacy(-ENODATA) : std::error_code();
    active->listener->cib_full(std::move(text), error);
}

void on_version(xmlNode*, int, int rc, xmlNode* output, void*) {
    if (active == nullptr || active->signing_off)
        return;
    model::cib_version version;
    if (rc >= 0 && output != nullptr)
        version = {number(output, "admin_epoch"), number(output, "epoch"),
                   number(output, "num_updates")};
    active->listener->remote_version(version,
                                     rc >= 0 && output == nullptr ? legacy(-ENODATA) : legacy(rc));
}

void on_modified(xmlNode*, int, int rc, xmlNode*, void* user_data) {
    (*static_cast<shim_completion*>(user_data))(legacy(rc));
}

void free_completion(void* user_data) {
    delete static_cast<shim_completion*>(user_data);
}

void on_controller(pcmk_ipc_api_t*, pcmk_ipc_event event, crm_exit_t status, void* data, void*) {
    if (active == nullptr)
        return;
    if (event == pcmk_ipc_event_disconnect) {
        active->controller_lost = true;
        if (!std::exchange(active->pinged, {}).empty())
            active->listener->controller_state({}, {});
        return;
    }
    const auto* reply = static_cast<const pcmk_controld_api_reply_t*>(data);
    if (event != pcmk_ipc_event_reply || status != CRM_EX_OK || reply == nullptr ||
        reply->reply_type != pcmk_controld_reply_ping)
        return;
    active->pinged.clear();
    active->listener->controller_state(reply->host_from ? reply->host_from : "",
                                       reply->data.ping.fsa_state ? reply->data.ping.fsa_state
                                                                  : "");
}

void drop_controller(shim& self) {
    if (self.controller != nullptr) {
        pcmk_register_ipc_callback(self.controller, nullptr, nullptr);
        pcmk_disconnect_ipc(self.controller);
        pcmk_free_ipc_api(self.controller);
        self.controller = nullptr;
    }
    self.controller_lost = false;
}

/// Asked before each connection for the main loop: where that is refused the library never gives up
/// the 128 KiB that it took for it, as it does for one without main loop.
bool controller_answers() {
    pcmk_ipc_api_t* probe = nullptr;
    if (pcmk_new_ipc_api(&probe, pcmk_ipc_controld) != 0)
        return false;
    const bool connected = pcmk_connect_ipc(probe, pcmk_ipc_dispatch_sync) == 0;
    pcmk_free_ipc_api(probe);
    return connected;
}

bool reach_controller(shim& self) {
    if (self.controller_lost)
        drop_controller(self);
    if (self.controller != nullptr)
        return true;
    if (!controller_answers() || pcmk_new_ipc_api(&self.controller, pcmk_ipc_controld) != 0)
        return false;
    pcmk_register_ipc_callback(self.controller, on_controller, nullptr);
    if (pcmk_connect_ipc(self.controller, pcmk_ipc_dispatch_main) == 0)
        return true;
    drop_controller(self);
    return false;
}

void on_fenced(stonith_t*, stonith_event_t* event) {
    if (active == nullptr || event == nullptr || event->result != pcmk_ok ||
        event->target == nullptr || event->action == nullptr)
        return;
    const std::string_view action = event->action;
    if (action == "off" || action == "reboot")
        active->listener->node_fenced(event->target);
}

void on_fencer_lost(stonith_t*, stonith_event_t*) {
    if (active == nullptr || std::exchange(active->fencer_lost, true))
        return;
    active->listener->fencer_lost(); // freed later: the library is still using it
}

void drop_fencer(shim& self) {
    if (self.fencer == nullptr)
        return;
    self.fencer_lost = true; // no news of this
    self.fencer->cmds->remove_notification(self.fencer, fenced_event);
    self.fencer->cmds->remove_notification(self.fencer, fencer_lost_event);
    self.fencer->cmds->disconnect(self.fencer);
    stonith_api_delete(self.fencer);
    self.fencer = nullptr;
}

void drop_cib(shim& self) {
    if (self.cib == nullptr)
        return;
    self.signing_off = true;
    self.cib->cmds->signoff(self.cib);
    cib_delete(self.cib);
    self.cib = nullptr;
    self.signing_off = false;
}

struct parsed {
    explicit parsed(const std::string& xml)
        : doc(xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr,
                            XML_PARSE_NONET | XML_PARSE_NOBLANKS | XML_PARSE_NOERROR |
                                XML_PARSE_NOWARNING)) {}
    ~parsed() {
        if (doc != nullptr)
            xmlFreeDoc(doc);
    }
    parsed(const parsed&) = delete;
    parsed& operator=(const parsed&) = delete;
    [[nodiscard]] xmlNode* root() const { return doc ? xmlDocGetRootElement(doc) : nullptr; }
    xmlDoc* doc;
};

/// The section argument that libcib wants for a root element; null: the whole CIB.
const char* section_of(const xmlNode* root) {
    static constexpr const char* sections[] = {"configuration", "nodes",       "constraints",
                                               "crm_config",    "resources",   "status",
                                               "rsc_defaults",  "op_defaults", "tags"};
    for (const char* name : sections)
        if (is_element(root, name))
            return name;
    return nullptr;
}

} // namespace

const std::error_category& pacemaker_category() {
    static const category instance;
    return instance;
}

void shim_delete::operator()(shim* self) const {
    shim_sign_off(*self);
    active = nullptr;
    delete self;
}

shim_ptr shim_open(shim_listener& listener, const std::string& cib_file) {
    if (active != nullptr)
        std::abort(); // two shims would share the libraries' unlocked tables
    if (!cib_file.empty())
        setenv("CIB_file", cib_file.c_str(), 1);
    crm_log_init(client_name, LOG_WARNING, FALSE, FALSE, 0, nullptr, TRUE);
    shim_ptr self(new shim);
    self->listener = &listener;
    self->file = !cib_file.empty();
    active = self.get();
    return self;
}

std::error_code shim_sign_on(shim& self) {
    drop_cib(self);
    self.cib = cib_new();
    if (self.cib == nullptr)
        return legacy(-ENOMEM);
    self.cib->call_timeout = call_timeout_s;
    int rc = self.cib->cmds->signon(self.cib, client_name, cib_command);
    if (rc >= 0 && !self.file) {
        rc = self.cib->cmds->set_connection_dnotify(self.cib, on_lost);
        if (rc >= 0)
            rc = self.cib->cmds->add_notify_callback(self.cib, diff_event, on_diff);
    }
    if (rc < 0)
        drop_cib(self);
    return legacy(rc);
}

void shim_sign_off(shim& self) {
    drop_controller(self);
    drop_fencer(self);
    drop_cib(self);
}

void shim_query(shim& self) {
    if (self.cib == nullptr) {
        self.listener->cib_full({}, legacy(-ENOTCONN));
        return;
    }
    const int call = self.cib->cmds->query(self.cib, nullptr, nullptr, 0);
    if (call < 0)
        self.listener->cib_full({}, legacy(call));
    else
        self.cib->cmds->register_callback_full(self.cib, call, query_timeout_s, FALSE, nullptr,
                                               "on_full", on_full, nullptr);
}

void shim_query_version(shim& self, const std::string& node) {
    if (self.cib == nullptr) {
        self.listener->remote_version({}, legacy(-ENOTCONN));
        return;
    }
    const int call = self.cib->cmds->query_from(self.cib, node.c_str(), "/cib", nullptr,
                                                cib_xpath | cib_no_children);
    if (call < 0)
        self.listener->remote_version({}, legacy(call));
    else
        self.cib->cmds->register_callback_full(self.cib, call, call_timeout_s, FALSE, nullptr,
                                               "on_version", on_version, nullptr);
}

void shim_ping(shim& self, const std::string& node) {
    if (!reach_controller(self) || pcmk_controld_api_ping(self.controller, node.c_str()) != 0) {
        self.listener->controller_state({}, {});
        return;
    }
    self.pinged = node;
}

std::error_code shim_watch_fencing(shim& self) {
    if (self.fencer != nullptr && !self.fencer_lost)
        return {};
    drop_fencer(self);
    self.fencer = stonith_api_new();
    if (self.fencer == nullptr)
        return legacy(-ENOMEM);
    self.fencer_lost = false;
    auto* fencer = self.fencer;
    int rc = fencer->cmds->connect(fencer, client_name, nullptr);
    if (rc >= 0)
        rc = fencer->cmds->register_notification(fencer, fencer_lost_event, on_fencer_lost);
    if (rc >= 0)
        rc = fencer->cmds->register_notification(fencer, fenced_event, on_fenced);
    if (rc < 0)
        drop_fencer(self);
    return legacy(rc);
}

void shim_modify(shim& self, const std::string& xml, shim_completion done) {
    const parsed document(xml);
    if (document.root() == nullptr) {
        done(legacy(-EINVAL));
        return;
    }
    if (self.cib == nullptr) {
        done(legacy(-ENOTCONN));
        return;
    }
    const int options = self.file ? static_cast<int>(cib_sync_call) : 0;
    const int rc = self.cib->cmds->modify(self.cib, section_of(document.root()), document.root(),
                                          options | cib_can_create);
    if (rc < 0 || self.file) {
        done(legacy(rc));
        return;
    }
    self.cib->cmds->register_callback_full(self.cib, rc, modify_timeout_s, FALSE,
                                           new shim_completion(std::move(done)), "on_modified",
                                           on_modified, free_completion);
}

std::error_code shim_simulate(shim& self) {
    // pcmk_simulate signs on to the CIB file by itself: our connection must have written it.
    drop_cib(self);
    pe_working_set_t* working_set = pe_new_working_set();
    if (working_set == nullptr)
        return legacy(-ENOMEM);
    pcmk_injections_t injections{};
    xmlNode* report = nullptr;
    const int rc =
        pcmk_simulate(&report, working_set, &injections, pcmk_sim_process | pcmk_sim_simulate, 0,
                      nullptr, nullptr, nullptr, nullptr);
    if (report != nullptr)
        xmlFreeDoc(report->doc);
    pe_free_working_set(working_set);
    const auto again = shim_sign_on(self);
    return rc != 0 ? standard(rc) : again;
}

std::string shim_read(shim& self, std::error_code& error) {
    if (self.cib == nullptr) {
        error = legacy(-ENOTCONN);
        return {};
    }
    xmlNode* output = nullptr;
    const int rc = self.cib->cmds->query(self.cib, nullptr, &output, cib_sync_call);
    error = legacy(rc);
    std::string text = to_text(output);
    if (output != nullptr)
        free_xml(output);
    return text;
}

} // namespace bridge::pacemaker
