#!/usr/bin/env bash
# Runs portscribe beside the tools that read captures for a living, on the same capture, and says
# which of the project's promises about speed hold on this machine. See --help.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
    cat <<'HELP'
Compare portscribe with its peers on one capture

Usage: benches/peers.sh [OPTIONS]

  --capture FILE   a plain pcap or pcapng [default: a synthetic one of 1.15 GB, made now]
  --binary PATH    the portscribe to measure [default: target/release/portscribe]
  --results FILE   where the tables go [default: benches/RESULTS.md; --quick: nowhere]
  --runs N         timed runs of each command [default: 5; --quick: 1]
  --quick          a capture of 100 MB, and only dd, softflowd and portscribe
  --strict         exit with 1 if a promise is not kept
  -h, --help       this text

A peer that is not installed is named and left out. The temporary files need three times the
size of the capture, in $TMPDIR. Exit status: 0 done, 1 portscribe did not see every packet (or,
with --strict, a promise is not kept), 2 wrong command line or no portscribe to measure.
HELP
}

fail() {
    echo "peers.sh: $1" >&2
    exit 2
}

say() { echo "peers.sh: $1" >&2; }

have() { command -v "$1" >/dev/null 2>&1; }

# --- the command line ----------------------------------------------------------------------------

capture='' results='' runs='' quick=false strict=false
binary=${CARGO_TARGET_DIR:-$root/target}/release/portscribe
while (($#)); do
    case $1 in
        --capture | --binary | --results | --runs)
            (($# > 1)) || fail "$1 needs a value"
            printf -v "${1#--}" %s "$2"
            shift
            ;;
        --quick) quick=true ;;
        --strict) strict=true ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) fail "unknown argument $1; try --help" ;;
    esac
    shift
done
if $quick; then
    : "${runs:=1}"
else
    : "${runs:=5}" "${results:=$root/benches/RESULTS.md}"
fi
[[ $runs =~ ^[1-9][0-9]*$ ]] || fail "--runs is a number from 1, not $runs"
[[ -z $capture || -r $capture ]] || fail "cannot read the capture $capture"
[[ -x $binary ]] || fail "no portscribe at $binary: run 'cargo build --release', or name one with --binary"
[[ -z $results || -d $(dirname "$results") ]] || fail "no folder for the results: $results"
[[ $binary == */* ]] || binary=./$binary

# --- what is here, what is missing ---------------------------------------------------------------

# program:package:version command; "timer" is GNU time, not the word of the shell.
if $quick; then
    wanted=(softflowd:softflowd hyperfine:hyperfine)
else
    wanted=(softflowd:softflowd nfpcapd:nfdump argus:argus-server racount:argus-client
        ndpiReader:libndpi-bin tcpdump:tcpdump tshark:tshark capinfos:wireshark-common
        hyperfine:hyperfine pigz:pigz zstd:zstd)
fi
missing=() packages=()
for entry in "${wanted[@]}"; do
    if ! have "${entry%%:*}"; then
        missing+=("${entry%%:*}")
        packages+=("${entry##*:}")
    fi
done
if [[ ! -x /usr/bin/time ]] && ! have python3; then
    missing+=(time)
    packages+=(time)
fi
if ((${#missing[@]})); then
    say "not installed, left out: ${missing[*]}"
    say "to have them: apt-get install ${packages[*]}"
fi
measured() { ! $quick && have "$1"; } # a peer that takes part in this run

# --- tools of this script ------------------------------------------------------------------------

work=$(mktemp -d "${TMPDIR:-/tmp}/portscribe-peers.XXXXXX")
trap 'rm -rf "$work"' EXIT

declare -A command_of=() median=() fastest=() slowest=() packets=() peak=() label=()
order=() notes=()

number_of() { grep -Eo '[0-9]+' | head -n 1 || true; } # the first number in the input, if any

# once ID: runs command_of[ID] once, keeps its output in $work/ID.log and its peak memory in kB.
once() {
    local id=$1 line=${command_of[$1]}
    if [[ -x /usr/bin/time ]]; then
        /usr/bin/time -q -f %M -o "$work/peak" bash -c "exec $line" >"$work/$id.log" 2>&1
    elif have python3; then
        python3 -c 'import resource, subprocess, sys
status = subprocess.call(["bash", "-c", "exec " + sys.argv[1]])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=open(sys.argv[2], "w"))
sys.exit(status)' "$line" "$work/peak" >"$work/$id.log" 2>&1
    else
        bash -c "exec $line" >"$work/$id.log" 2>&1
        return
    fi || return 1
    peak[$id]=$(tail -n 1 "$work/peak")
}

# timed ID [PREPARE]: sets median, fastest and slowest, in seconds.
timed() {
    local id=$1 prepare=${2:-} line=${command_of[$1]} seconds=()
    if have hyperfine; then
        local arguments=(--style none --runs "$runs" --export-csv "$work/times.csv" --command-name "$id")
        $quick || arguments+=(--warmup 1)
        [[ -z $prepare ]] || arguments+=(--prepare "$prepare")
        # A shell only where one is needed: it costs milliseconds.
        if [[ $line$prepare == *[\|\>\;]* ]]; then arguments+=(--shell bash); else arguments+=(-N); fi
        hyperfine "${arguments[@]}" "$line" >"$work/timed.log" 2>&1 || return 1
        # command,mean,stddev,median,user,system,min,max
        read -r median["$id"] fastest["$id"] slowest["$id"] < <(
            awk -F, 'END { print $(NF - 4), $(NF - 1), $NF }' "$work/times.csv"
        )
        return
    fi
    local run start
    for ((run = 0; run < runs; run++)); do
        [[ -z $prepare ]] || bash -c "$prepare"
        start=$EPOCHREALTIME
        bash -c "$line" >"$work/timed.log" 2>&1 || return 1
        seconds+=("$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.6f", b - a }')")
    done
    read -r median["$id"] fastest["$id"] slowest["$id"] < <(
        printf '%s\n' "${seconds[@]}" | sort -g |
            awk '{ s[NR] = $1 } END { print (s[int((NR + 1) / 2)] + s[int(NR / 2) + 1]) / 2, s[1], s[NR] }'
    )
}

# measure ID LABEL COMMAND [PREPARE]: one run to look at, then the timed ones.
measure() {
    local id=$1 prepare=${4:-}
    label[$id]=$2 command_of[$id]=$3
    say "$2"
    [[ -z $prepare ]] || bash -c "$prepare"
    if ! once "$id"; then
        notes+=("$2 failed: $(tail -n 1 "$work/$id.log" | cut -c 1-200)")
    elif ! timed "$id" "$prepare"; then
        notes+=("$2 failed when timed: $(tail -n 1 "$work/timed.log" | cut -c 1-200)")
    else
        order+=("$id")
        return
    fi
    say "${notes[-1]}"
    unset "median[$id]"
}

# --- the captures --------------------------------------------------------------------------------

make_capture() {
    have cargo || fail "cargo is needed to make a capture; name one with --capture"
    cargo run --quiet --release --manifest-path "$root/Cargo.toml" --example make-capture -- "$@"
}

if [[ -z $capture ]]; then
    capture=$work/capture.pcap
    say "making the capture"
    if $quick; then make_capture "$capture" --bytes 100M; else make_capture "$capture"; fi
fi
[[ $capture == /* ]] || capture=$PWD/$capture # no name that looks like an option
size=$(stat -c %s "$capture")
needed=$((size * (1 + 2 * $($quick && echo 0 || echo 1))))
free=$(($(df --output=avail -k "$work" | tail -n 1) * 1024))
((free > needed)) || fail "$work has $((free >> 20)) MiB free, $((needed >> 20)) are needed: set TMPDIR"

cat "$capture" >/dev/null # the page cache is warm for everyone

# --- the runs ------------------------------------------------------------------------------------

printf -v f %q "$capture"
printf -v p %q "$binary"
printf -v w %q "$work"
quiet="-q --progress never"

measure dd 'dd bs=1M' "dd if=$f of=/dev/null bs=1M"

# Flows of every kind, none of them pushed out for lack of room, sent to the discard port.
# No control socket: reading a file, softflowd 1.1.0 at times waits on it for ever.
if have softflowd; then
    measure softflowd 'softflowd -r' \
        "softflowd -r $f -n 127.0.0.1:9 -v 9 -6 -d -m 10000000 -p $w/softflowd.pid -c none"
    packets[softflowd]=$(sed -n 's/^Packets processed: //p' "$work/softflowd.log")
fi
if measured nfpcapd; then
    measure nfpcapd 'nfpcapd -r' "nfpcapd -r $f -w $w/nfpcapd" "rm -rf $w/nfpcapd; mkdir $w/nfpcapd"
    packets[nfpcapd]=$(sed -n 's/.*Processed: \([0-9]*\),.*/\1/p' "$work/nfpcapd.log" | tail -n 1)
    rm -rf "$work/nfpcapd"
fi
if measured ndpiReader; then
    measure ndpi 'ndpiReader -i' "ndpiReader -i $f"
    packets[ndpi]=$(sed -n 's/.*IP packets:.* of \([0-9]*\) packets total.*/\1/p' "$work/ndpi.log")
fi
if measured argus; then
    measure argus 'argus -r' "argus -X -r $f -w $w/argus.out" "rm -f $w/argus.out"
    if have racount && [[ -s $work/argus.out ]]; then
        packets[argus]=$(racount -r "$work/argus.out" 2>/dev/null | awk '$1 == "sum" { print $3 }' || true)
    fi
    rm -f "$work/argus.out"
fi
if measured capinfos; then
    measure capinfos 'capinfos' "capinfos $f"
    packets[capinfos]=$(capinfos -M -c "$capture" 2>/dev/null | sed -n 's/^Number of packets: *//p' | number_of || true)
fi
if measured tcpdump; then
    measure tcpdump 'tcpdump -n' "tcpdump -n -r $f > /dev/null"
    packets[tcpdump]=$(tcpdump --count -r "$capture" 2>/dev/null | number_of || true)
fi

measure summary1 'portscribe summary --threads 1' "$p summary $quiet --threads 1 $f"
measure summary2 'portscribe summary --threads 2' "$p summary $quiet --threads 2 $f"
measure flows2 'portscribe flows --format csv --threads 2' \
    "$p flows $quiet --threads 2 --format csv --output $w/flows.csv $f"
if ! $quick; then
    measure packets2 'portscribe packets --format csv --threads 2' \
        "$p packets $quiet --threads 2 --format csv --output $w/packets.csv $f"
    rm -f "$work/packets.csv"
    # What the pipe alone takes is not ours to change; it stands beside.
    command_of[cat]="cat $f | cat > /dev/null"
    label[cat]='cat FILE \| cat'
    command_of[pipe]="cat $f | $p summary $quiet --threads 2 -"
    label[pipe]='cat FILE \| portscribe summary - --threads 2'
    say "portscribe summary from a pipe, and the pipe alone"
    for id in cat pipe; do
        if timed $id; then order+=($id); else notes+=('reading from a pipe failed'); fi
    done
fi

# What portscribe read, by its own word; one thread and two must agree.
packets_read() { # ARGUMENTS of portscribe summary
    "$binary" summary -q --progress never --format json "$@" 2>/dev/null |
        grep -Eo '"packets_read": *[0-9]+' | number_of || true
}
for threads in 1 2; do
    packets[summary$threads]=$(packets_read --threads $threads "$capture")
done

if measured pigz; then
    say "compressing with pigz"
    pigz -c "$capture" >"$work/capture.gz"
    measure pigz 'pigz -dc' "pigz -dc $w/capture.gz > /dev/null"
    measure gzip2 'portscribe summary of gzip, --threads 2' "$p summary $quiet --threads 2 $w/capture.gz"
    packets[gzip2]=$(packets_read --threads 2 "$work/capture.gz")
    rm -f "$work/capture.gz"
fi
if measured zstd; then
    say "compressing with zstd"
    zstd -q -T0 -c "$capture" >"$work/capture.zst"
    measure zstd 'zstd -dc' "zstd -q -dc $w/capture.zst > /dev/null"
    measure zstd2 'portscribe summary of zstd, --threads 2' "$p summary $quiet --threads 2 $w/capture.zst"
    packets[zstd2]=$(packets_read --threads 2 "$work/capture.zst")
    rm -f "$work/capture.zst"
fi

measure lookup 'portscribe lookup 443/tcp' "$p lookup -q 443/tcp"
if ! $quick; then
    if have tcpdump; then
        tcpdump -r "$capture" -c 1 -w "$work/one.pcap" 2>/dev/null || true
    elif have cargo; then
        make_capture "$work/one.pcap" --packets 1 2>/dev/null
    fi
    if [[ -s $work/one.pcap ]]; then
        measure one 'portscribe summary, 1 packet' "$p summary $quiet $w/one.pcap"
        if have tshark; then
            measure tshark 'tshark -n, 1 packet' "tshark -n -r $w/one.pcap"
        fi
    fi
fi

# --- did all see the same? -----------------------------------------------------------------------

expected=${packets[capinfos]:-${packets[tcpdump]:-${packets[softflowd]:-}}}
differs=false
for id in "${!packets[@]}"; do
    seen=${packets[$id]}
    [[ -n ${median[$id]:-} ]] || continue # did not run at all: said already
    if [[ -z $seen ]]; then
        notes+=("${label[$id]} does not tell how many packets it saw")
    elif [[ -n $expected && $seen != "$expected" ]]; then
        notes+=("${label[$id]} saw $seen packets of $expected: no ratio is taken from it")
    else
        continue
    fi
    say "${notes[-1]}"
    case $id in summary* | gzip2 | zstd2) differs=true ;; esac
done
[[ -n ${median[summary1]:-} && -n ${median[summary2]:-} ]] || differs=true
if [[ -s $work/flows.csv && -s $work/softflowd.log ]]; then
    notes+=("flows: portscribe $(($(wc -l <"$work/flows.csv") - 1)), softflowd $(
        sed -n 's/^Flows expired: \([0-9]*\).*/\1/p' "$work/softflowd.log"
    )")
fi

# --- the tables ----------------------------------------------------------------------------------

broken=false
# promise OURS THEIRS AT_MOST TEXT: a row of the table of promises.
promise() {
    local ours=${median[$1]:-} theirs=${median[$2]:-} id
    [[ -n ${label[$1]:-} && -n ${label[$2]:-} ]] || return 0 # not measured in this run
    for id in "$1" "$2"; do
        [[ -z $expected || -z ${packets[$id]:-} || ${packets[$id]} == "$expected" ]] || ours=
    done
    if [[ -z $ours || -z $theirs ]]; then
        echo "| ${label[$1]} | ${label[$2]} | – | $4 | not measured |"
        return
    fi
    awk -v ours="$ours" -v theirs="$theirs" -v most="$3" -v a="${label[$1]}" -v b="${label[$2]}" -v text="$4" \
        'BEGIN { printf "| %s | %s | %.3f | %s | %s |\n", a, b, ours / theirs, text,
                 ours / theirs <= most ? "yes" : "**no**" }'
}

version_of() { # PROGRAM: one line, or nothing
    have "$1" || return 0
    case $1 in
        softflowd) softflowd -h 2>&1 | sed -n 's/^This is \(softflowd\) version \([0-9.]*[0-9]\).*/\1 \2/p' ;;
        nfpcapd) nfpcapd -V 2>&1 | sed 's/: Version://; s/^nfdump/nfpcapd/' ;;
        argus) argus -h 2>&1 | head -n 1 ;;
        ndpiReader) ndpiReader -h 2>&1 | sed -n 's/^Welcome to //p' ;;
        pigz | hyperfine | zstd) "$1" -V 2>&1 ;;
        *) "$1" --version 2>/dev/null ;;
    esac | sed '/^$/d; s/^\*\*\* \(.*\), by .*/\1/; s/ (Git .*//' | head -n 1 || true
}

report() {
    local id program version
    echo '# Beside the peers'
    echo
    echo "Made by \`benches/peers.sh\`; medians of timed runs ($runs of each), from the page cache."
    echo
    echo "- Date: $(date -u +%Y-%m-%d)"
    echo "- Machine: $(nproc) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(uname -sm)"
    echo "- Capture: $((size / 1000000)) MB, ${expected:-unknown} packets"
    echo "- Measured: $("$binary" --version 2>/dev/null | head -n 1)"
    for program in softflowd nfpcapd ndpiReader argus capinfos tcpdump tshark pigz zstd hyperfine; do
        [[ " ${wanted[*]}" == *" $program:"* ]] || continue
        version=$(version_of "$program")
        echo "- ${version:-$program: not installed}"
    done
    echo
    echo '| Run | Packets seen | Seconds | Fastest to slowest | MB/s | Peak memory, MiB |'
    echo '|---|--:|--:|--:|--:|--:|'
    for id in "${order[@]}"; do
        awk -v label="${label[$id]}" -v packets="${packets[$id]:-}" -v s="${median[$id]}" -v size="$size" \
            -v min="${fastest[$id]}" -v max="${slowest[$id]}" -v peak="${peak[$id]:-}" \
            -v whole="$([[ $id == lookup || $id == one || $id == tshark ]] || echo 1)" \
            'BEGIN { printf "| %s | %s | %.4f | %.4f–%.4f | %s | %s |\n", label, packets, s, min, max,
                     whole ? sprintf("%.0f", size / 1e6 / s) : "", peak == "" ? "" : sprintf("%.1f", peak / 1024) }'
    done
    echo
    echo '| portscribe | against | Ratio | Promised at most | Kept |'
    echo '|---|---|--:|--:|---|'
    promise summary2 softflowd 0.33334 1/3
    promise summary2 dd 1.6 1.6
    promise summary1 softflowd 0.5 1/2
    promise flows2 softflowd 0.5 1/2
    promise flows2 nfpcapd 0.33334 1/3
    promise packets2 tcpdump 0.1 1/10
    promise gzip2 pigz 1.15 1.15
    promise zstd2 zstd 1.15 1.15
    promise pipe summary2 1.5 1.5
    promise pipe cat 1 1
    promise one tshark 0.02 1/50
    if ((${#notes[@]})); then
        echo
        printf -- '- %s\n' "${notes[@]}"
    fi
    if ((${#missing[@]})); then
        echo "- not installed here, left out: ${missing[*]}"
    fi
}

report >"$work/report.md"
cat "$work/report.md"
if [[ -n $results ]]; then
    cp "$work/report.md" "$results"
    say "written: $results"
fi
grep -q '\*\*no\*\*' "$work/report.md" && broken=true
if $differs; then
    say "portscribe did not read every packet"
    exit 1
fi
if $strict && $broken; then
    exit 1
fi
