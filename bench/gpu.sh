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
# A cache folder of its own, with Dawn from the pack and the TensorFlow that this user has set up, if any.
if [ -z "${DISTILL_CACHE:-}" ]; then
  mkdir -p "$scratch/cache"
  ln -s "$here"/cache/* "$scratch/cache/"
  tensorflow=${XDG_CACHE_HOME:-$HOME/.cache}/distillation-studio/tensorflow.json
  if [ -f "$tensorflow" ]; then cp "$tensorflow" "$scratch/cache/"; fi
  export DISTILL_CACHE=$scratch/cache
fi
"$here/node" "$here/main.js" "$@"
