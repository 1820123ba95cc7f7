#!/usr/bin/env bash
# Makes sure the system packages that the tests need are there. Does nothing when they are; installs them when we are
# root on a Debian-like machine; otherwise says what to install and fails.
set -euo pipefail

missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("${2:-$1}"); }
# Any Chromium or Chrome will do (see test/lib/browser.mjs); only its absence makes us install one.
if [ -z "${CHROMIUM:-}" ] && ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null \
  && ! command -v google-chrome >/dev/null; then
  missing+=(chromium fonts-liberation)
fi
# The loader through which the WebGPU engine finds a driver; Chromium brings the software driver that tests use.
if [ "$(uname -s)" = Linux ] && ! ldconfig -p 2>/dev/null | grep -q libvulkan.so.1; then missing+=(libvulkan1); fi
need rg ripgrep
need make
need g++
need python3

if [ ${#missing[@]} -eq 0 ]; then
  echo "system packages: all there"
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "system packages missing: ${missing[*]}" >&2
  echo "Install them and run this again. On Debian or Ubuntu: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi
echo "system packages: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
timeout 300 apt-get update -qq
timeout 600 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "system packages: installed"
