#!/usr/bin/env bash
# Prints how many lines of the modules that read what others wrote are run by tests, and fails below a mark.
#
#   tests/coverage.sh [PERCENT [build]]
#
# `build` builds the tests, and runs none.
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
[ -n "$bin" ] || { echo "NOT MEASURED: coverage; llvm-profdata and llvm-cov are missing (rustup component add llvm-tools, or apt-get install llvm-22)"; exit 0; }

target=$(realpath -m "${CARGO_TARGET_DIR:-target}/coverage")
rm -rf "$target/profiles"
mkdir -p "$target"
# This package alone is counted: what it is built on is taken as `cargo test` has built it.
cat >"$target/rustc" <<'WRAPPER'
#!/bin/sh
exec "$@" -C instrument-coverage -C llvm-args=-runtime-counter-relocation
WRAPPER
chmod +x "$target/rustc"
export RUSTC_WORKSPACE_WRAPPER=$target/rustc LLVM_PROFILE_FILE="$target/built/%m%c.profraw"
programs=$(cargo test --no-run --message-format json --quiet |
  sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | sort -u)
if [ "${2:-}" = build ]; then
  exit 0
fi
# Counts are written where they are made, into a file that stays open (%c): a program that has given up its rights to
# files could not write them at its end. All runs of a program share one (%m).
export LLVM_PROFILE_FILE="$target/profiles/%m%c.profraw"
cargo test --quiet --no-fail-fast >"$target/tests" 2>&1 ||
  { echo "tests failed; see $target/tests"; grep -E '^    [a-z_:]+$' "$target/tests" | sort -u || true; }
if ! "$bin/llvm-profdata" merge --sparse -o "$target/all.profdata" "$target"/profiles/*.profraw 2>"$target/fault"; then
  echo "NOT MEASURED: coverage; $bin/llvm-profdata: $(head -n 1 "$target/fault")"
  exit 0
fi
objects=()
for program in $programs; do objects+=(--object "$program"); done
"$bin/llvm-cov" export --format lcov --instr-profile "$target/all.profdata" "${objects[@]}" >"$target/lcov"
awk -v root="$PWD/src/" -v modules="${modules[*]}" -v least="$least" -v files="$target/files" '
  BEGIN { count = split(modules, names, " ") }
  # Tests that stand in a module, at its end, are not counted.
  function until(path,   line, number) {
    for (number = 1; (getline line < path) > 0; number++)
      if (line ~ /^mod tests \{/) break
    close(path)
    return number
  }
  /^SF:/ {
    file = path = substr($0, 4); sub(root, "", file); split(file, parts, /[\/.]/); module = parts[1]
    is_ours = file != path && file !~ /\/(tests|testing)(\.rs|\/)/; last = is_ours ? until(path) : 0
  }
  /^DA:/ { split(substr($0, 4), at, ","); if (is_ours && at[1] < last) { lines[module]++; hit[module] += at[2] > 0; n_file[file]++; h_file[file] += at[2] > 0 } }
  END {
    for (n = 1; n <= count; n++) {
      name = names[n]
      printf "%s: %.1f %% of %d lines\n", name, lines[name] ? 100 * hit[name] / lines[name] : 0, lines[name]
      all += lines[name]; all_hit += hit[name]
    }
    share = all ? 100 * all_hit / all : 0
    printf "all of these: %.1f %%\n", share
    for (file in n_file)
      if (index(" " modules " ", " " substr(file, 1, index(file "/", "/") - 1) " "))
        printf "%5.1f %% %4d lines missed  %s\n", 100 * h_file[file] / n_file[file], n_file[file] - h_file[file], file >files
    if (share < least) { printf "BELOW THE MARK: at least %d %% are asked\n", least; exit 1 }
  }' "$target/lcov"
