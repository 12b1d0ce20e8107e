#!/usr/bin/env bash
# Does time follow the packets, and memory the flows? Captures of ten and a hundred times the
# packets with the same flows, and a flood in which every packet is a flow. See --help.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
    cat <<'HELP'
Measure how time and memory grow with a capture

Usage: benches/scale.sh [OPTIONS]

  --binary PATH    the portscribe to measure [default: target/release/portscribe]
  --packets N      packets of the largest capture, in millions [default: 100]
  --flows N        flows of each, but for the flood [default: 118000]
  --runs N         timed runs of each [default: 3]
  -h, --help       this text

The packets are cut to 64 bytes: the largest capture takes 80 MB a million packets, in $TMPDIR,
and the flood up to as much again. Needs hyperfine and GNU time. Exit status: 0 done, 1 a total
does not add up, 2 wrong command line or something is missing.
HELP
}

fail() {
    echo "scale.sh: $1" >&2
    exit 2
}

binary=${CARGO_TARGET_DIR:-$root/target}/release/portscribe packets=100 flows=118000 runs=3
while (($#)); do
    case $1 in
        --binary | --packets | --flows | --runs)
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
[[ $packets =~ ^[1-9][0-9]*$ && $flows =~ ^[1-9][0-9]*$ && $runs =~ ^[1-9][0-9]*$ ]] ||
    fail "--packets, --flows and --runs are numbers from 1"
[[ -x $binary ]] || fail "no portscribe at $binary: run 'cargo build --release', or name one with --binary"
command -v hyperfine >/dev/null || fail "hyperfine is not installed: apt-get install hyperfine"
[[ -x /usr/bin/time ]] || fail "GNU time is not installed: apt-get install time"

work=$(mktemp -d "${TMPDIR:-/tmp}/portscribe-scale.XXXXXX")
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work
cargo build --quiet --release --manifest-path "$root/Cargo.toml" --example make-capture
make_capture() { "$(dirname "$binary")/examples/make-capture" "$@" --snaplen 64 2>/dev/null; }
number_of() { grep -Eo "\"$1\": *[0-9]+" | grep -Eo '[0-9]+' | head -n 1; }

echo "| packets | flows | threads | seconds | ns a packet | peak memory, MiB |"
echo "|--:|--:|--:|--:|--:|--:|"
status=0
# row NAME FILE PACKETS FLOWS THREADS RUNS
row() {
    local seconds peak read
    hyperfine --style none -N --warmup 1 --runs "$6" --export-csv "$work/times.csv" \
        "$binary summary -q --threads $5 --format csv $2" >/dev/null 2>&1
    seconds=$(awk -F, 'END { print $(NF - 4) }' "$work/times.csv")
    read=$(/usr/bin/time -q -f %M -o "$work/peak" "$binary" summary -q --threads "$5" --format json "$2" |
        number_of packets_read)
    peak=$(tail -n 1 "$work/peak")
    if [[ $read != "$3" ]]; then
        echo "scale.sh: $read packets read of $3" >&2
        status=1
    fi
    awk -v p="$3" -v f="$4" -v t="$5" -v s="$seconds" -v m="$peak" \
        'BEGIN { printf "| %d | %s | %d | %.2f | %.0f | %.0f |\n", p, f, t, s, 1e9 * s / p, m / 1024 }'
}

for millions in $((packets / 100)) $((packets / 10)) "$packets"; do
    ((millions)) || continue
    make_capture "$work/many.pcap" --packets "${millions}M" --flows "$flows"
    cat "$work/many.pcap" >/dev/null
    for threads in 1 2; do row many "$work/many.pcap" "${millions}000000" "$flows" "$threads" "$runs"; done
    rm "$work/many.pcap"
done

# The flood goes through a pipe, which needs no room for it; one thread folds and one reads ahead.
SECONDS=0
make_capture - --packets "${packets}M" --one-packet-flows |
    /usr/bin/time -q -f '%M %e' -o "$work/peak" "$binary" summary -q --format json - >"$work/flood.json"
read -r peak seconds < <(tail -n 1 "$work/peak")
read=$(number_of packets_read <"$work/flood.json")
counted=$(grep -Eo '"packets":[0-9]+' "$work/flood.json" | tail -n +2 | grep -Eo '[0-9]+' | awk '{ n += $1 } END { printf "%.0f", n }')
begun=$(grep -Eo '"flows":[0-9]+' "$work/flood.json" | grep -Eo '[0-9]+' | awk '{ n += $1 } END { printf "%.0f", n }')
awk -v p="$read" -v f="$begun" -v s="$seconds" -v m="$peak" \
    'BEGIN { printf "| %d | %s (a flood, from a pipe) | 2 | %.2f | %.0f | %.0f |\n", p, f, s, 1e9 * s / p, m / 1024 }'
if [[ $read != "${packets}000000" || $counted != "$read" || $begun != "$read" ]]; then
    echo "scale.sh: the flood's totals do not add up: $read read, $counted in rows, $begun flows" >&2
    status=1
fi
exit $status
