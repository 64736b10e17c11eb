# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Corosync and Pacemaker on a node. Sourced by serve.

cluster_start() {
    cluster_folders
    cluster_corosync_conf >/etc/corosync/corosync.conf
    cluster_cib >/var/lib/pacemaker/cib/cib.xml || return
    chown -R hacluster:haclient /var/lib/pacemaker /var/log/pacemaker /run/crm
    chmod 600 /var/lib/pacemaker/cib/cib.xml
    corosync >/run/out/corosync.out 2>&1 || return
    PCMK_logfile=/run/out/pacemaker.log pacemakerd >/run/out/pacemakerd.out 2>&1 </dev/null &
    lab_wait 180 cluster_online
}

cluster_folders() {
    # What the machine has there is of another cluster, and perhaps not to be read.
    mount -t tmpfs -o mode=755 tmpfs /etc/corosync
    mount -t tmpfs -o mode=755 tmpfs /etc/pacemaker 2>/dev/null
    mkdir -p /var/lib/pacemaker/{cib,pengine,cores,blackbox} /var/log/{pacemaker,corosync,cluster} /run/crm \
        /run/resource-agents
}

cluster_corosync_conf() {
    local node
    printf '%s\n' 'totem {' '  version: 2' '  cluster_name: lab' '  transport: knet' '  crypto_cipher: none' \
        '  crypto_hash: none' "  token: $LAB_TOKEN_MS" '}'
    printf '%s\n' 'quorum {' '  provider: corosync_votequorum' "  two_node: $((LAB_NODES == 2))" '  wait_for_all: 0' '}'
    printf '%s\n' 'logging {' '  to_logfile: yes' '  logfile: /run/out/corosync.log' '  to_syslog: no' '}'
    echo 'nodelist {'
    for ((node = 1; node <= LAB_NODES; node++)); do
        printf '  node {\n    name: node%d\n    nodeid: %d\n    ring0_addr: 10.9.0.%d\n  }\n' "$node" "$node" "$node"
    done
    echo "}"
}

# The installed Pacemaker's empty configuration, with the least that a lab needs.
cluster_cib() {
    local empty options='' option
    empty=$(cibadmin --empty) || return
    for option in dc-deadtime=3s stonith-enabled=false; do
        options+="<nvpair id=\"lab-${option%=*}\" name=\"${option%=*}\" value=\"${option#*=}\"/>"
    done
    echo "${empty/<crm_config\/>/<crm_config><cluster_property_set id=\"lab\">$options</cluster_property_set></crm_config>}"
}

cluster_online() { # as many as the lab says are up
    local said names
    said=$(timeout 10 crm_mon -1 2>/dev/null) || return
    [[ $said =~ Online:\ \[\ ([^]]*)\ \] ]] || return
    read -ra names <<<"${BASH_REMATCH[1]}"
    [ "${#names[@]}" -ge "$(</run/common/expected-nodes)" ]
}
