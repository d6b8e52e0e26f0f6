#!/bin/sh
# Resolves pyproject.toml into hashed requirements that plain pip installs, for all platforms at once.
# Versions that still fit stay as they are; `make lock UPGRADE=--upgrade` takes the newest.
set -eu
uv=$1
upgrade=${2:-}
resolve() {
    output=requirements/$1.lock
    shift
    # shellcheck disable=SC2086 # an option or nothing
    "$uv" pip compile --quiet $upgrade --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
        --output-file "$output" "$@" >/dev/null
}
resolve run pyproject.toml
resolve ray pyproject.toml --extra ray --constraint requirements/run.lock
resolve dev pyproject.toml --group dev --constraint requirements/ray.lock
resolve node --group node
resolve bare --group bare
