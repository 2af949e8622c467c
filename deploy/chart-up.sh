#!/usr/bin/env bash
# Runs the rendered chart as real containers on this machine, and sells tickets with it. Root; no registry, no cluster.
# Images are built first, which takes seconds when nothing has changed. Everything is removed at the end but the images.
set -euo pipefail
cd "$(dirname "$0")/.."
deploy/images.sh
. deploy/tools/podman-env.sh
exec .venv/bin/python -m pytest -x -p no:cacheprovider deploy/up "$@"
