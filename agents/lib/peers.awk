# SPDX-License-Identifier: Apache-2.0
# What the cluster knows of the other nodes' use of a disk, one "ID=gone" or "ID=alive" a line; nodes of which nothing
# is proven are left out. Input: "cibadmin --query --scope status" (one element a line). -v resource= the resource that
# owns the disk, own= this node's number, fenced= " NAME NAME ... " of nodes that were fenced successfully.
#
# gone, for a node that is no member and of which Pacemaker expects nothing (expected="down"): it was fenced, or it left
# cleanly and its last finished act on the resource was a successful stop or a probe that found nothing. An expected
# absence alone proves nothing: in maintenance mode a node leaves with its resources running. gone, for a member: the
# same last act. alive, for a member: the last act was a successful start or recurring monitor.
# The last act is the one of the highest call id; a pending one makes it unknown.

function attribute(name,    at, rest) {
    at = index($0, " " name "=\"")
    if (!at)
        return ""
    rest = substr($0, at + length(name) + 3)
    return substr(rest, 1, index(rest, "\"") - 1)
}

# "true"/"online" before Pacemaker 2.1.7, a time (0: no) since.
function yes(value) {
    return value == "true" || value == "online" || value + 0 > 0
}

function judge(    down, idle, active, state) {
    if (id !~ /^[0-9]+$/ || id == own)
        return
    idle = !pending && call >= 0 && code != "" && (task == "stop" && code == 0 ||
            task == "monitor" && interval == 0 && code == 7)
    active = !pending && code != "" && code == 0 && (task == "start" || task == "monitor")
    down = !yes(member) && !yes(controller) && expected == "down"
    state = ""
    if (down && (idle || index(fenced, " " uname " ")))
        state = "gone"
    else if (yes(member) && yes(controller) && joined == "member") {
        if (idle)
            state = "gone"
        else if (active)
            state = "alive"
    }
    if (state != "")
        print id "=" state
}

/<node_state / {
    id = attribute("id"); uname = attribute("uname"); member = attribute("in_ccm")
    controller = attribute("crmd"); joined = attribute("join"); expected = attribute("expected")
    call = -1; code = ""; task = ""; interval = 0; pending = 0; ours = 0
    if ($0 ~ /\/>[ \t]*$/)
        judge()
}
/<lrm_resource / { ours = attribute("id") == resource && $0 !~ /\/>[ \t]*$/ }
/<\/lrm_resource>/ { ours = 0 }
/<lrm_rsc_op / && ours {
    n = attribute("call-id") + 0
    # The copy of a past failure is no act of its own.
    if (attribute("id") ~ /_last_failure_0$/ && n < call)
        next
    if (attribute("op-status") == "-1" || n < 0)
        pending = 1
    else if (n > call) {
        call = n; code = attribute("rc-code"); task = attribute("operation"); interval = attribute("interval") + 0
    }
}
/<\/node_state>/ { judge() }
