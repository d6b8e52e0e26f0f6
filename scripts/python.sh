#!/bin/sh
# Prints a Python that the service runs on, or says which one to install.
fits='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))'
for python in ${PYTHON:+"$PYTHON"} python3.12 python3.11 python3 python \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12.*/bin/python \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.11.*/bin/python; do
    if "$python" -c "$fits" 2>/dev/null; then
        echo "$python"
        exit 0
    fi
done
echo "No Python 3.11 or 3.12 with the venv module was found." >&2
echo "Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12 …" >&2
exit 1
