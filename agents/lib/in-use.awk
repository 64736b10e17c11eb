# SPDX-License-Identifier: Apache-2.0
# Prints each mount point, once, of a file system on one of the devices. Input: lines of mountinfo (proc(5)) of any
# processes. -v devices= " 8:0 8:1 ... ", names= " /dev/sda /dev/sda1 ... " (btrfs shows a device number of its own).
index(devices, " " $3 " ") { found[$5] = 1; next }
{
    for (i = 7; i < NF - 1; i++)
        if ($i == "-")
            break
    if (index(names, " " $(i + 2) " "))
        found[$5] = 1
}
END { for (point in found) print point }
