#!/usr/bin/env bash
# Prints how many lines of the modules that read what others wrote are run by tests, and fails below a mark.
#
#   tests/coverage.sh [PERCENT]
#
# The compiler counts (-C instrument-coverage); llvm-profdata and llvm-cov read the counts. They must know the format
# of the compiler's LLVM: rustup's component llvm-tools has them, Debian as llvm-NN. LLVM_TOOLS names their folder.
set -euo pipefail
cd "$(dirname "$0")/.."
least=${1:-0}
modules=(capture decode flow label registry)

# The newest tools there are.
tools() {
  local sysroot host
  sysroot=$(rustc --print sysroot) host=$(rustc -vV | sed -n 's/^host: //p')
  printf '%s\n' "${LLVM_TOOLS:-}" "$sysroot/lib/rustlib/$host/bin"
  ls -d /usr/lib/llvm-*/bin 2>/dev/null | sort -rV
}
bin=
while read -r folder; do
  if [ -x "$folder/llvm-profdata" ] && [ -x "$folder/llvm-cov" ]; then
    bin=$folder
    break
  fi
done < <(tools)
[ -n "$bin" ] || { echo "NOT MEASURED: coverage; llvm-profdata and llvm-cov are missing (rustup component add llvm-tools, or apt-get install llvm-19)"; exit 0; }

target=${CARGO_TARGET_DIR:-target}/coverage
rm -rf "$target/profiles"
export RUSTFLAGS="-C instrument-coverage" CARGO_TARGET_DIR=$target
export LLVM_PROFILE_FILE="$PWD/$target/profiles/%m-%p.profraw"
case $target in /*) LLVM_PROFILE_FILE="$target/profiles/%m-%p.profraw" ;; esac
programs=$(cargo test --no-run --message-format json --quiet |
  sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | sort -u)
cargo test --quiet >/dev/null || { echo "tests failed"; exit 1; }
if ! "$bin/llvm-profdata" merge --sparse -o "$target/all.profdata" "$target"/profiles/*.profraw 2>"$target/fault"; then
  echo "NOT MEASURED: coverage; $bin/llvm-profdata: $(head -n 1 "$target/fault")"
  exit 0
fi
objects=()
for program in $programs; do objects+=(--object "$program"); done
"$bin/llvm-cov" export --format lcov --instr-profile "$target/all.profdata" "${objects[@]}" >"$target/lcov"
awk -v root="$PWD/src/" -v modules="${modules[*]}" -v least="$least" '
  BEGIN { count = split(modules, names, " ") }
  /^SF:/ { file = substr($0, 4); sub(root, "", file); split(file, parts, /[\/.]/); module = parts[1] }
  /^LF:/ { lines[module] += substr($0, 4) }
  /^LH:/ { hit[module] += substr($0, 4) }
  END {
    for (n = 1; n <= count; n++) {
      name = names[n]
      printf "%s: %.1f %% of %d lines\n", name, lines[name] ? 100 * hit[name] / lines[name] : 0, lines[name]
      all += lines[name]; all_hit += hit[name]
    }
    share = all ? 100 * all_hit / all : 0
    printf "all of these: %.1f %%\n", share
    if (share < least) { printf "BELOW THE MARK: at least %d %% are asked\n", least; exit 1 }
  }' "$target/lcov"
