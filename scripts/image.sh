#!/bin/sh
# Builds the container image with buildah and says how large it is. Arguments go to buildah.
# Where the base image cannot be had, a debootstrapped Debian with its own Python takes its place (needs root).
set -eu
cd "$(dirname "$0")/.."
image=${IMAGE:-rtc-server}
base=${BASE:-python:3.13-slim-bookworm}

debian_base() {
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$root" >&2
    rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc "$root"/usr/share/man
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$root" / >&2
    buildah commit --quiet --rm "$container" rtc-server-base >&2
    echo localhost/rtc-server-base
}

if ! buildah inspect --type image "$base" >/dev/null 2>&1 && ! buildah pull --quiet "$base" >/dev/null; then
    echo "No $base to be had here: making a base with debootstrap" >&2
    base=$(debian_base)
fi
buildah build --format docker --isolation chroot --build-arg BASE="$base" --tag "$image" "$@" .
buildah images --format '{{.Name}}: {{.Size}}' "localhost/$image"
