#!/usr/bin/env bash
# The whole suite under coverage, in two halves side by side: most tests wait for processes.
# The output of the first half is shown once both have ended.
set -uo pipefail
cd "$(dirname "$0")/.."

first=(tests/adversarial tests/guards tests/scale tests/wire)
shown=$(mktemp)
trap 'rm -f "$shown"' EXIT

half() {
    .venv/bin/coverage run --parallel-mode -m pytest -p no:cacheprovider "$@"
}

.venv/bin/coverage erase
half "${first[@]}" >"$shown" 2>&1 &
other=$!
half tests "${first[@]/#/--ignore=}"
second=$?
wait "$other"
first_code=$?
cat "$shown"
.venv/bin/coverage combine --quiet
.venv/bin/coverage report
exit $((first_code > second ? first_code : second))
