#!/usr/bin/env bash
# podman build where no container registry is reached.
#   deploy/tools/build-image.sh TAG CONTEXT [more options of podman build, such as -f Dockerfile]
# Nothing is pulled: base-image.sh has made what FROM names. RUN steps use the host's network, and the host's CA bundle is
# mounted while they run (it is not in the image), so that pip trusts what the host trusts.
set -euo pipefail
[ -n "${CONTAINERS_CONF:-}" ] || . "$(dirname "$0")/podman-env.sh"
tag=$1 context=$2
shift 2
bundle=${CA_BUNDLE:-/etc/ssl/certs/ca-certificates.crt}
exec podman build --format docker --layers --pull=never --network=host \
  --volume "$bundle:/etc/ssl/certs/ca-certificates.crt:ro" --tag "$tag" "$@" "$context"
