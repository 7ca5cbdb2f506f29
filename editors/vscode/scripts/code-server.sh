#!/usr/bin/env bash
# Installs code-server, the editor of VS Code in a browser, below the folder given.
# Usage: code-server.sh FOLDER. Needs node's headers, a C++ compiler, python3 and the libraries that
# `cargo xtask test --vscode` installs. Nothing but npm packages is fetched: the native modules are
# compiled here, because their install scripts would fetch binaries from elsewhere.
set -euo pipefail

version=4.100.3
folder=$1
root=$folder/node_modules/code-server

if [[ -f $folder/.installed-$version ]]; then
  exit 0
fi

# The gyp that npm carries; node's own headers, so that none are fetched.
headers=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
gyp=$(npm root --global)/npm/node_modules/node-gyp/bin/node-gyp.js
if [[ ! -f $headers/include/node/node.h || ! -f $gyp ]]; then
  echo "error: node's headers or npm's node-gyp are missing; install node with its headers" >&2
  exit 1
fi

packages() {
  npm install --silent --no-audit --no-fund --omit=dev --ignore-scripts "$@"
}

compile() {
  # What an earlier, interrupted install has compiled is there already.
  compgen -G "$1/build/Release/*.node" >/dev/null && return
  (cd "$1" && node "$gyp" rebuild --silent --nodedir="$headers" >"$folder/gyp.log" 2>&1) || {
    echo "error: cannot compile \`$1\`; the end of $folder/gyp.log:" >&2
    tail -n 20 "$folder/gyp.log" >&2
    exit 1
  }
}

mkdir -p "$folder"
cd "$folder"
[[ -f package.json ]] || echo '{ "private": true }' >package.json
packages "code-server@$version"

cd "$root/lib/vscode"
packages
for module in node-pty @parcel/watcher @vscode/spdlog kerberos native-watchdog @vscode/deviceid; do
  compile "node_modules/$module"
done
mkdir -p node_modules/@vscode/ripgrep/bin
ln -sf "$(command -v rg)" node_modules/@vscode/ripgrep/bin/rg
ln -sfn node_modules node_modules.asar
(cd extensions && packages)

cd "$folder/node_modules/argon2"
npm_config_node_gyp=$gyp node ../@mapbox/node-pre-gyp/bin/node-pre-gyp \
  install --build-from-source --nodedir="$headers" >"$folder/gyp.log" 2>&1

touch "$folder/.installed-$version"
