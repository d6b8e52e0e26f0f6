#!/bin/sh
# Prints the newest Python that will do, or says which one to install.
# python.sh [LAST]: from 3.11 to 3.LAST; the service runs on all up to 3.14.
last=${1:-14}
fits="import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $last))"
minors=
minor=$last
while [ "$minor" -ge 11 ]; do
    minors="$minors $minor"
    minor=$((minor - 1))
done
try() {
    if "$1" -c "$fits" 2>/dev/null; then
        echo "$1"
        exit 0
    fi
}
if [ -n "${PYTHON:-}" ]; then
    try "$PYTHON"
fi
for minor in $minors; do
    for python in "python3.$minor" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3."$minor".*/bin/python; do
        try "$python"
    done
done
try python3
try python
echo "No Python from 3.11 to 3.$last with the venv module was found." >&2
echo "Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.$last …" >&2
exit 1
