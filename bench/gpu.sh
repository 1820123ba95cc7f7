#!/usr/bin/env bash
# The WebGPU engine on a real GPU: adapter, gradient self-test, step time and memory, beside PyTorch on the same GPU.
#   Here:   bench/gpu.sh [OPTIONS]                       packs what is needed (network) and runs it
#   There:  node bench/gpu/pack.mjs, copy distill-gpu.tar.gz, tar xzf it, distill-gpu/gpu.sh [OPTIONS]    (no network)
# Options: gpu.sh --help. DISTILL_BENCH_PYTHON names a Python with PyTorch; VK_DRIVER_FILES the description of a driver.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if [ ! -x "$here/node" ]; then
  (cd "$here/.." && node bench/gpu/pack.mjs --folder "$scratch/pack")
  here=$scratch/pack
fi

# Of the libraries that were brought, those that this machine lacks.
mkdir -p "$scratch/lib"
known=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true)
for library in "$here"/lib/*; do
  name=$(basename "$library")
  case $known in *"$name"*) ;; *) ln -s "$library" "$scratch/lib/$name" ;; esac
done
export LD_LIBRARY_PATH="$scratch/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
# Dawn lies in the pack where the engine looks for what was set up; a TensorFlow of this user is found only if there is
# no such override, and is measured with DISTILL_CACHE set by hand.
export DISTILL_CACHE="${DISTILL_CACHE:-$here/cache}"
"$here/node" "$here/main.js" "$@"
