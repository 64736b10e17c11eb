#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lets Wireshark's dissectors read everything a server sent; fails on a packet they call malformed.
#   tshark_dissect.sh [--port P] [--epm-port P] [--password P] --pcap FILE
#   tshark_dissect.sh [--port P] ... --capture "CMD"       records the loopback interface while CMD runs (needs root)
# Sealed traffic is decrypted, so no level below packet privacy has to be opened for a test: Kerberos with the keytab in
# CLUSBRIDGE_KEYTAB; NTLM with the password, but Wireshark loses its place after several PDUs in one segment.
#   [--opnums N]: at least so many different ClusAPI methods answered (default 1)   [--keep FILE]: keep the capture
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
pcap= capture= keep= opnums=1
own_argument() {
    case "$1" in
    --pcap) pcap=$2 ;;
    --capture) capture=$2 ;;
    --keep) keep=$2 ;;
    --opnums) opnums=$2 ;;
    *) return 1 ;;
    esac
}
. "$here/arguments.sh"
tshark=(tshark -o "ntlmssp.nt_password:$password" -o tcp.desegment_tcp_streams:TRUE -o dcerpc.reassemble_dcerpc:TRUE
    -d "tcp.port==$port,dcerpc")
[ -z "${CLUSBRIDGE_KEYTAB:-}" ] || tshark+=(-o kerberos.decrypt:TRUE -o "kerberos.file:$CLUSBRIDGE_KEYTAB")
[ -z "$epm_port" ] || tshark+=(-d "tcp.port==$epm_port,dcerpc")

record() { # CMD
    local recorder status=0
    tshark -q -i lo -w "$work/capture.pcapng" -f "host $host and (tcp port $port${epm_port:+ or tcp port $epm_port})" \
        2>"$work/recorder" &
    recorder=$!
    for _ in $(seq 100); do
        grep -q 'Capture started\|Capturing on' "$work/recorder" && break
        kill -0 $recorder 2>/dev/null || { cat "$work/recorder" >&2; exit 1; }
        sleep 0.1
    done
    sleep 1 # the capture file is open a moment after the message
    bash -c "$1" || status=$?
    sleep 2 # what is still in the kernel's buffer
    kill -INT $recorder
    wait $recorder || true
    [ $status = 0 ] || echo "the recorded command ended with status $status" >&2
}

if [ -n "$capture" ]; then
    record "$capture"
    pcap=$work/capture.pcapng
    [ -z "$keep" ] || cp "$pcap" "$keep"
fi
[ -r "$pcap" ] || { echo "$0: --pcap FILE or --capture CMD" >&2; exit 64; }

# fields FILTER FIELD...: one line a packet.
fields() {
    local filter=$1 field arguments=()
    shift
    for field in "$@"; do arguments+=(-e "$field"); done
    "${tshark[@]}" -r "$pcap" -Y "$filter" -T fields "${arguments[@]}" 2>/dev/null
}

# Requests are the clients' affair: the dissector stumbles over some of impacket's.
ours="tcp.srcport == $port${epm_port:+ || tcp.srcport == $epm_port}"
fields "clusapi && dcerpc.pkt_type == 2 && dcerpc.payload_stub_data" dcerpc.opnum | tr ',' '\n' | sort -n | uniq -c \
    >"$work/answered"
fields "(_ws.malformed || _ws.unreassembled) && ($ours)" frame.number dcerpc.opnum _ws.col.Info >"$work/malformed"
excluded=$(sed -e 's/#.*//' -e '/^ *$/d' "$here/tshark_exclusions.txt" | cut -d: -f1 | tr -d ' ' | paste -sd' ')
failed=0 skipped=0
while IFS=$'\t' read -r frame opnum info; do
    if [[ " $excluded " == *" ${opnum%%,*} "* ]] && [ -n "$opnum" ]; then
        skipped=$((skipped + 1))
    else
        failed=$((failed + 1)); echo "FAILED  frame $frame, opnum ${opnum:-none}: $info"
    fi
done <"$work/malformed"
sealed=$(fields "dcerpc.pkt_type == 2 && dcerpc.auth_level == 6 && !dcerpc.payload_stub_data" frame.number | wc -l)
answered=$(wc -l <"$work/answered")
echo "methods answered (count, opnum): $(tr -s ' ' <"$work/answered" | paste -sd, | sed 's/^ //')"
[ "$sealed" = 0 ] || echo "$sealed sealed responses could not be opened (Kerberos, or another password)"
if [ "$answered" -lt "$opnums" ]; then
    failed=$((failed + 1)); echo "FAILED  $answered methods answered, at least $opnums wanted"
fi
echo "$answered passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$answered" -gt 0 ]
