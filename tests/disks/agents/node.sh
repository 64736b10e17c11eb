#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# node.sh SOURCE SGPR, on a node: the agents and the command where Pacemaker finds them; LVM as a cluster needs it (volume
# groups belong to a node, by its name).
set -eu
source=$1 sgpr=$2
install -D "$sgpr" /usr/sbin/sgpr
for agent in group disk; do install -D "$source/agents/$agent" "/usr/lib/ocf/resource.d/clusbridge/$agent"; done
install -D -t /usr/lib/ocf/lib/clusbridge "$source"/agents/lib/*
mkdir -p /srv/shared
modprobe -a dm-mod
cat >/etc/lvm/lvm.conf <<'END'
global {
  system_id_source = "uname"
}
devices {
  use_devicesfile = 0
  obtain_device_list_from_udev = 0
}
activation {
  udev_sync = 0
  udev_rules = 0
}
END
