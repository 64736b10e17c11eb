# SPDX-License-Identifier: Apache-2.0
# Completion of sgpr for bash.

_sgpr() {
    local cur=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]:-} options=--json
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "list show keys reservation status watch register unregister reserve \
            release preempt clear read write guard validate --help --version" -- "$cur")
        return
    fi
    case $verb in
    register) options+=" --aptpl --replace" ;;
    reserve) options+=" --type" ;;
    preempt) options+=" --type --abort --yes" ;;
    clear) options+=" --yes" ;;
    read) options+=" --path --fua --count" ;;
    write) options+=" --path --fua --i-know" ;;
    watch) options+=" --interval --count" ;;
    esac
    if [ "${COMP_WORDS[COMP_CWORD - 1]}" = --type ]; then
        mapfile -t COMPREPLY < <(compgen -W "WE EA WERO EARO WEAR EAAR" -- "$cur")
    elif [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$cur")
    elif [[ $cur == /* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    elif [ "$COMP_CWORD" -eq 2 ] && [ "$verb" != list ]; then
        local disks=() link
        for link in /sys/block/sd* /dev/disk/by-id/wwn-*; do
            [ ! -e "$link" ] || disks+=("${link##*/}")
        done
        mapfile -t COMPREPLY < <(compgen -W "${disks[*]}" -- "$cur")
    fi
}
complete -F _sgpr sgpr
