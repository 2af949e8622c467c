#!/usr/bin/env bash
# Builds localhost/ticketing-<service>:TAG for every service, and the images of the tools and of the test servers.
#   deploy/images.sh                      TAG=ci by default; SERVICES="orders catalog" for some only
# Needs root; installs podman from Debian when it is missing. Layers that do not change are not built again.
set -euo pipefail
cd "$(dirname "$0")/.."
tag=${TAG:-ci}
services=${SERVICES:-accounts catalog inventory orders cashdesk documents reporting device-gateway}
for built in services/device-gateway/src/device_gateway/static/dist libs/kit/src/kit/web/static/dist; do
  [ -n "$(ls -A "$built" 2>/dev/null)" ] || { echo "$built is empty: run \`make web\` first" >&2; exit 1; }
done
deploy/tools/podman-env.sh install
. deploy/tools/podman-env.sh
deploy/tools/base-image.sh

build() { # image, Dockerfile
  local began=$SECONDS log
  log=$(mktemp)
  if ! deploy/tools/build-image.sh "localhost/ticketing-$1:$tag" . -f "$2" >"$log" 2>&1; then
    cat "$log" >&2
    rm "$log"
    echo "images: $1 was not built" >&2
    return 1
  fi
  rm "$log"
  printf '%-16s %3d s  %s\n' "$1" $((SECONDS - began)) "$(podman images --format '{{.Size}}' "localhost/ticketing-$1:$tag")"
}

for service in $services; do build "$service" "services/$service/Dockerfile"; done
[ -n "${SERVICES:-}" ] || { build suite deploy/images/suite/Dockerfile; build servers deploy/images/servers/Dockerfile; }
