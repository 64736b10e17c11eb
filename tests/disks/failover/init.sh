#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# First process of a guest of failover.py (user-mode-linux): the machine's root, read only through hostfs, under an
# overlay in memory; then the folder fo.share serves as console: commands in, answers out.
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root TERM=dumb
mount -t proc proc /proc
for word in $(< /proc/cmdline); do
    case $word in fo.share=*) share=${word#*=} ;; fo.modules=*) modules=${word#*=} ;; esac
done
if [ "${1:-}" != inside ]; then
    mount -t tmpfs tmpfs /mnt && mkdir -p /mnt/{lower,upper,work,new}
    mount -t hostfs none /mnt/lower -o /
    insmod "$modules/$(uname -r)/kernel/fs/overlayfs/overlay.ko"
    mount -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work -t overlay overlay /mnt/new
    cd /mnt/new || exit 1
    mount -t proc proc proc && mount -t sysfs sys sys && mount -t devtmpfs dev dev && mount -t tmpfs tmpfs run
    mkdir -p run/{host,share,lock} lib/modules
    mount -t hostfs none run/share -o "$share"
    mount --bind "/mnt/lower$modules" lib/modules
    pivot_root . run/host # moves the kernel's threads, too
    exec chroot . /bin/bash /run/share/init.sh inside
fi
mkdir -p /dev/pts /dev/shm /var/target/pr
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs tmpfs /tmp
ip link set lo up
hostname "$(< /run/share/name)"
: > /run/share/up
n=1
while :; do
    if [ -e /run/share/in.$n ]; then
        timeout 120 bash /run/share/in.$n > /run/share/out.$n 2>&1 < /dev/null
        echo $? > /run/share/rc.$n.new && mv /run/share/rc.$n.new /run/share/rc.$n
        n=$((n + 1))
    else
        sleep 0.1
    fi
done
