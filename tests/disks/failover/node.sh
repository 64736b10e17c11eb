# SPDX-License-Identifier: Apache-2.0
# In a guest that is a node: session to the target, agents, corosync, Pacemaker. $NUMBER, $SOURCE (this repository),
# $SGPR (the built command), $MKFS (1: the disk gets its file system) and $WAIT_FOR_ALL (of corosync) are set before.
set -e
ip addr add "10.9.0.$NUMBER/24" dev eth0 && ip link set eth0 up
ip addr add "10.9.1.$NUMBER/24" dev eth1 && ip link set eth1 up
mkdir -p /etc/iscsi /run/lock/iscsi /var/lib/iscsi
mount -t tmpfs tmpfs /etc/iscsi
mount -t tmpfs tmpfs /var/lib/iscsi
printf 'node.startup = manual\nnode.session.timeo.replacement_timeout = 5\n' > /etc/iscsi/iscsid.conf
echo "InitiatorName=iqn.2026-01.lab:node$NUMBER" > /etc/iscsi/initiatorname.iscsi
modprobe -a iscsi_tcp sd_mod sg
iscsid
iscsiadm -m discovery -t st -p 10.9.1.9 > /dev/null
iscsiadm -m node -L all > /dev/null
for _ in $(seq 100); do [ -b /dev/sda ] && break; sleep 0.1; done
[ "$MKFS" = 0 ] || mkfs.ext4 -q /dev/sda

install -D "$SGPR" /usr/sbin/sgpr
for agent in group disk; do install -D "$SOURCE/agents/$agent" "/usr/lib/ocf/resource.d/clusbridge/$agent"; done
install -D -t /usr/lib/ocf/lib/clusbridge "$SOURCE"/agents/lib/*
install -D "$SOURCE/tests/disks/failover/writer" /usr/lib/ocf/resource.d/lab/writer
install -D "$SOURCE/tests/disks/failover/fence_lab" /usr/sbin/fence_lab
mkdir -p /srv/shared /var/lib/pacemaker/{cib,pengine,cores,blackbox} /var/log/pacemaker /run/crm /run/corosync
rm -rf /var/lib/corosync/* /var/lib/pacemaker/cib/* /var/lib/clusbridge
cat > /etc/corosync/corosync.conf <<END
totem {
  version: 2
  cluster_name: failover
  transport: knet
  crypto_cipher: none
  crypto_hash: none
  token: 3000
}
nodelist {
  node {
    name: node1
    nodeid: 1
    ring0_addr: 10.9.0.1
  }
  node {
    name: node2
    nodeid: 2
    ring0_addr: 10.9.0.2
  }
}
quorum {
  provider: corosync_votequorum
  two_node: 1
  wait_for_all: $WAIT_FOR_ALL
}
logging {
  to_logfile: yes
  logfile: /run/share/corosync.log
  to_syslog: no
}
END
cp /run/share/cib.xml /var/lib/pacemaker/cib/cib.xml
chown -R hacluster:haclient /var/lib/pacemaker /var/log/pacemaker /run/crm
chmod 600 /var/lib/pacemaker/cib/cib.xml
corosync
export PCMK_logfile=/run/share/pacemaker.log PCMK_logfacility=none
setsid pacemakerd -f > /run/share/pacemakerd.out 2>&1 < /dev/null &
