# SPDX-License-Identifier: Apache-2.0
# In the guest "target": one LUN over iSCSI (LIO).
set -e
ip addr add 10.9.1.9/24 dev eth1 && ip link set eth1 up
modprobe -a configfs target_core_mod target_core_file iscsi_target_mod
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
core=/sys/kernel/config/target/core/fileio_1/disk1
mkdir -p $core && truncate -s 96M /run/disk1.img
echo "fd_dev_name=/run/disk1.img,fd_dev_size=$((96 << 20))" > $core/control
echo 1 > $core/enable
echo 1a2b3c01-5e1f-4a6c-8d21-0123456789ab > $core/wwn/vpd_unit_serial
group=/sys/kernel/config/target/iscsi/iqn.2026-01.lab:t1/tpgt_1
mkdir -p $group/np/10.9.1.9:3260 $group/lun/lun_0
echo 0 > $group/attrib/authentication
echo 1 > $group/attrib/generate_node_acls
echo 0 > $group/attrib/demo_mode_write_protect
ln -s $core $group/lun/lun_0/disk1
echo 1 > $group/enable
