#!/usr/bin/env bash
# Lints, renders and validates the chart in every scenario of ci/. Seconds; no root, no network, no cluster.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/python -m pytest -q -p no:cacheprovider deploy/tests "$@"
