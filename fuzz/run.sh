#!/usr/bin/env bash
# Runs each target for some seconds: fuzz/run.sh SECONDS [TARGET…]. What breaks one is left in fuzz/artifacts/TARGET.
# FUZZ_TOOLCHAIN names a compiler; one that is not nightly needs RUSTC_BOOTSTRAP=1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:?SECONDS}
shift
toolchain=${FUZZ_TOOLCHAIN:-nightly}
# No sanitizer: there is no unsafe code here to catch, and overflows and bounds are checked anyway.
[ $# -gt 0 ] || mapfile -t all < <(cargo "+$toolchain" fuzz list --fuzz-dir .)
targets=("${@:-${all[@]}}")
for target in "${targets[@]}"; do
  cargo "+$toolchain" fuzz build -s none --fuzz-dir . "$target"
done
for target in "${targets[@]}"; do
  folders=("corpus/$target")
  mkdir -p "${folders[0]}"
  for seeds in "seeds/$target" "../testdata/packages/${target%%_*}" "../testdata/${target/database/vulndb}/segments"; do
    [ -d "$seeds" ] && folders+=("$seeds")
  done
  echo "== $target"
  cargo "+$toolchain" fuzz run -s none --fuzz-dir . "$target" "${folders[@]}" -- \
    "-max_total_time=$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=131072 -verbosity=0 -print_final_stats=1
done
