#!/bin/sh
# Prints the folder of a Node.js of at least version 20: the machine's, else one installed into the virtual environment.
set -eu
venv=$1
fits='process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'
if command -v npm >/dev/null && node -e "$fits" 2>/dev/null; then
    dirname "$(command -v npm)"
    exit 0
fi
if [ ! -x "$venv/bin/npm" ]; then
    echo "No Node.js 20 or newer here: installing one into $venv" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --no-deps --require-hashes -r requirements/node.lock >&2
fi
cd "$venv/bin" && pwd
