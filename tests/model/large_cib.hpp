// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace bridge::tests {

/// A cluster of primitives with a history on each of three nodes.
inline std::string large_cib(std::size_t resources) {
    std::string primitives;
    std::string histories[3];
    for (std::size_t i = 0; i < resources; ++i) {
        const std::string id = std::string("r").append(std::to_string(i));
        primitives += "<primitive id='" + id +
                      "' class='ocf' provider='pacemaker' type='Dummy'><operations><op id='" + id +
                      "-m' name='monitor' interval='10s' timeout='20s'/></operations></primitive>";
        for (int node = 0; node < 3; ++node) {
            const bool here = static_cast<int>(i % 3) == node;
            histories[node] +=
                "<lrm_resource id='" + id + "' class='ocf' provider='pacemaker' type='Dummy'>" +
                "<lrm_rsc_op id='" + id + "_last_0' operation='" + (here ? "start" : "monitor") +
                "' call-id='" + std::to_string(i * 2 + 1) + "' rc-code='" + (here ? "0" : "7") +
                "' op-status='0' interval='0' last-rc-change='1700000000' "
                "transition-key='1:1:" +
                (here ? "0" : "7") + ":x'/></lrm_resource>";
        }
    }
    std::string nodes;
    std::string status;
    for (int node = 1; node <= 3; ++node) {
        const auto id = std::to_string(node);
        nodes += "<node id='" + id + "' uname='n" + id + "'/>";
        status += "<node_state id='" + id + "' uname='n" + id +
                  "' in_ccm='true' crmd='online' join='member' expected='member'><lrm id='" + id +
                  "'><lrm_resources>" + histories[node - 1] + "</lrm_resources></lrm></node_state>";
    }
    return "<cib admin_epoch='0' epoch='1' num_updates='1' have-quorum='1' dc-uuid='1'>"
           "<configuration><crm_config/><nodes>" +
           nodes + "</nodes><resources>" + primitives +
           "</resources><constraints/></configuration><status>" + status + "</status></cib>";
}

/// A patchset that stops resource `r` on the first node and leads from `updates` to the next
/// version.
inline std::string stop_patch(std::size_t r, std::size_t updates) {
    const std::string id = std::string("r").append(std::to_string(r));
    const auto version = [](std::size_t number) {
        return "admin_epoch='0' epoch='1' num_updates='" + std::to_string(number) + "'";
    };
    return "<diff format='2'><version><source " + version(updates) + "/><target " +
           version(updates + 1) +
           "/></version><change operation='modify' path='/cib'><change-result><cib "
           "have-quorum='1' dc-uuid='1' " +
           version(updates + 1) +
           "/></change-result></change><change operation='modify' "
           "path='/cib/status/node_state[@id=&apos;1&apos;]/lrm[@id=&apos;1&apos;]/lrm_resources/"
           "lrm_resource[@id=&apos;" +
           id + "&apos;]/lrm_rsc_op[@id=&apos;" + id +
           "_last_0&apos;]'><change-result><lrm_rsc_op id='" + id +
           "_last_0' operation='stop' call-id='" + std::to_string(5000 + updates) +
           "' rc-code='0' op-status='0' interval='0' last-rc-change='1700000002' "
           "transition-key='1:2:0:x'/>"
           "</change-result></change></diff>";
}

} // namespace bridge::tests
