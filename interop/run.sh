#!/usr/bin/env bash
# The chain against the real Sigstore services, cosign and sigstore-python, on loopback.
#
#   interop/run.sh [TOOLKIT]     TOOLKIT: target/release/toolkit, built before
#
# Needs Go >= 1.26, Python 3, openssl and Debian's apt (for MariaDB and docker-registry). What it installs goes to
# TOOLKIT_INTEROP_DIR (default: target/interop) and is kept for the next run. In CI a skip is a failure.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname "$here")
toolkit=${1:-${CARGO_TARGET_DIR:-$top/target}/release/toolkit}
installed=${TOOLKIT_INTEROP_DIR:-${CARGO_TARGET_DIR:-$top/target}/interop}

if ! go version 2>/dev/null | grep -qE 'go1\.(2[6-9]|[3-9][0-9])'; then
  echo "skipped: no go (1.26 or later)"
  [ -z "${CI:-}" ] || { echo "in CI the interop run is not optional" >&2; exit 1; }
  exit 0
fi
[ -x "$toolkit" ] || { echo "no binary at $toolkit: cargo build --release first" >&2; exit 2; }
python3 "$here/install.py" "$installed"
exec python3 "$here/chain.py" "$toolkit" "$installed"
