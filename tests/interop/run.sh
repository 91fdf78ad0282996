#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD_DIR WORK_DIR: what lkstats says to programs of others. BUILD_DIR has the demo; in WORK_DIR is kept what
# these tests need from PyPI.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${1:?usage: run.sh BUILD_DIR WORK_DIR}")
work=$(realpath -m "${2:?usage: run.sh BUILD_DIR WORK_DIR}")
python=$work/python/bin/python

if [[ ! -x $python ]] || ! cmp -s "$here/requirements.txt" "$work/requirements.txt"; then
    rm -rf "$work/python"
    python3 -m venv "$work/python"
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
        -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$work/requirements.txt"
fi

# Far more than it takes: whatever hangs shall not hang for ever.
export PYTHONDONTWRITEBYTECODE=1 LKSTATS_BUILD=$build
exec timeout --foreground --kill-after=20 300 \
    "$python" -m unittest discover --start-directory "$here" --pattern '*_test.py' --verbose
