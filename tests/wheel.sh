#!/bin/sh
# Builds the wheel, installs it in a clean environment outside the checkout, and asks the panel that
# runs from there for its login page and that page's style sheet.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
away=$(mktemp -d)
panel=
finish() {
    [ -z "$panel" ] || kill "$panel" 2>/dev/null || true
    rm -rf "$away"
}
trap finish EXIT

.ci/venv .venv . requirements.lock tests/requirements.lock
.venv/bin/pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation --wheel-dir "$away" .
.ci/venv "$away/venv" "$away"/webpanel-*.whl requirements.lock

cd "$away"
export WEBPANEL_INSTANCE="$away/instance" WEBPANEL_PORT=0 PYTHONUNBUFFERED=1
venv/bin/webpanel --version
venv/bin/webpanel run >printed 2>&1 &
panel=$!
# -P: a folder of the tests has the name of a module of Python.
venv/bin/python -P "$root/tests/stranger.py" printed "$away/venv"
kill -TERM "$panel"
wait "$panel"
panel=
