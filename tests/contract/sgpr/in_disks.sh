#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The contract on LUN 1 of initiators 1 and 2 of the disk lab:
#   tests/lab/disks ... in_disks.sh SGPR_CONTRACT TARGET [OPTION...]
# shellcheck source=/dev/null
. "$LAB_LIB"
contract=$1 target=$2
shift 2
# shellcheck disable=SC2154  # of the lab
exec "$contract" "$target" "${LAB_SG_1_1// /,}" "${LAB_SG_2_1// /,}" "$@"
