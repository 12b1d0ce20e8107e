#!/usr/bin/env bash
# Counts the instructions of whole runs on a fixed capture: a figure that does not depend on how
# fast or how busy the machine is. See --help.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
    cat <<'HELP'
Count the instructions that portscribe takes for a packet

Usage: benches/instructions.sh [OPTIONS]

  --binary PATH   the portscribe to measure [default: target/release/portscribe]
  --packets N     packets of the synthetic capture [default: 100000]
  -h, --help      this text

Needs valgrind. Prints a table: each command's instructions for a packet, without what the
program takes for a capture of one packet. Exit status: 0 done, 2 wrong command line or something
is missing.
HELP
}

fail() {
    echo "instructions.sh: $1" >&2
    exit 2
}

binary=${CARGO_TARGET_DIR:-$root/target}/release/portscribe packets=100000
while (($#)); do
    case $1 in
        --binary | --packets)
            (($# > 1)) || fail "$1 needs a value"
            printf -v "${1#--}" %s "$2"
            shift
            ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) fail "unknown argument $1; try --help" ;;
    esac
    shift
done
[[ $packets =~ ^[1-9][0-9]+$ ]] || fail "--packets is a number from 10, not $packets"
[[ -x $binary ]] || fail "no portscribe at $binary: run 'cargo build --release', or name one with --binary"
command -v valgrind >/dev/null || fail "valgrind is not installed: apt-get install valgrind"

work=$(mktemp -d "${TMPDIR:-/tmp}/portscribe-instructions.XXXXXX")
trap 'rm -rf "$work"' EXIT
make_capture() {
    cargo run --quiet --release --manifest-path "$root/Cargo.toml" --example make-capture -- "$@" 2>/dev/null
}
make_capture "$work/many.pcap" --packets "$packets"
make_capture "$work/one.pcap" --packets 1

# count FILE COMMAND ...: the instructions of one run.
count() {
    local capture=$1
    shift
    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$binary" "$@" -q --threads 1 --format csv "$capture" 2>&1 >/dev/null |
        sed -n 's/^==[0-9]*== Collected : \([0-9]*\)$/\1/p'
}

echo "| command | instructions for a packet | for the program's start and one packet |"
echo "|---|--:|--:|"
for command in "summary --no-payload" summary flows packets; do
    read -ra words <<<"$command"
    many=$(count "$work/many.pcap" "${words[@]}") one=$(count "$work/one.pcap" "${words[@]}")
    [[ -n $many && -n $one ]] || fail "valgrind could not run $binary"
    awk -v command="$command" -v many="$many" -v one="$one" -v packets="$packets" \
        'BEGIN { printf "| %s | %.0f | %.0f |\n", command, (many - one) / (packets - 1), one }'
done
