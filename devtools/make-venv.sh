#!/bin/sh
# Makes .venv and installs contctl into it: make-venv.sh PYTHON REQUIREMENT
set -eu
python=$1
requirement=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "error: contctl needs Python 3.11 or newer; name one with 'make PYTHON=...'" >&2
    exit 1
fi
if [ ! -x .venv/bin/pip ]; then
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
            echo "error: $python lacks the venv module; install the package python3-venv" >&2
            exit 1
        fi
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-venv >/dev/null
    fi
    "$python" -m venv .venv
fi
echo "installing $requirement into .venv" >&2
export PIP_DISABLE_PIP_VERSION_CHECK=1
.venv/bin/pip install --quiet -c constraints.txt hatchling editables
.venv/bin/pip install --quiet -c constraints.txt --no-build-isolation -e "$requirement"
# Without compiled files every start takes twice as long.
.venv/bin/python -m compileall -q src
