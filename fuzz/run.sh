#!/usr/bin/env bash
# Runs each target for some seconds: fuzz/run.sh SECONDS [TARGET…]. What breaks one is left in fuzz/artifacts/TARGET.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:?SECONDS}
shift
toolchain=${FUZZ_TOOLCHAIN:-nightly}
# No sanitizer: there is no unsafe code here to catch, and overflows and bounds are checked anyway.
cargo "+$toolchain" fuzz build -s none --fuzz-dir .
[ $# -gt 0 ] || mapfile -t all < <(cargo "+$toolchain" fuzz list --fuzz-dir .)
for target in "${@:-${all[@]}}"; do
  folders=("corpus/$target")
  mkdir -p "${folders[0]}"
  for seeds in "seeds/$target" "../testdata/packages/${target%%_*}"; do
    [ -d "$seeds" ] && folders+=("$seeds")
  done
  echo "== $target"
  cargo "+$toolchain" fuzz run -s none --fuzz-dir . "$target" "${folders[@]}" -- \
    "-max_total_time=$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -verbosity=0 -print_final_stats=1
done
