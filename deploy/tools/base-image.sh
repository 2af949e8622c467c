#!/usr/bin/env bash
# A local stand-in for python:3.11-slim-bookworm, for machines that reach no container registry. Root; half a minute.
#   deploy/tools/base-image.sh             nothing happens when the image is there (FORCE=1: make it anew)
# `FROM python:3.11-slim-bookworm` finds localhost/python:3.11-slim-bookworm. Same layout as the official image where it
# matters: python and pip are found first in /usr/local/bin, pip installs system-wide, no documentation. The interpreter
# is Debian's own 3.11. For tests on such machines only: never push what is built on it.
set -euo pipefail
cd "$(dirname "$0")"
[ -n "${CONTAINERS_CONF:-}" ] || . ./podman-env.sh
tag=localhost/python:3.11-slim-bookworm
if [ "${FORCE:-0}" != 1 ] && podman image exists "$tag"; then exit 0; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/hook" <<'END'
#!/bin/sh
set -e
rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED
for name in python python3; do ln -sf /usr/bin/python3 "$1/usr/local/bin/$name"; done
for name in pip pip3; do ln -sf /usr/bin/pip3 "$1/usr/local/bin/$name"; done
END
chmod +x "$work/hook"
echo "making $tag from Debian's packages" >&2
mmdebstrap --quiet --mode=root --variant=minbase \
  --include=ca-certificates,netbase,tzdata,python3,python3-venv,python3-pip \
  --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook="$work/hook" bookworm "$work/root.tar"
podman import --quiet --change 'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin' \
  --change 'ENV LANG=C.UTF-8' --change 'CMD ["python3"]' "$work/root.tar" "$tag" >/dev/null
podman images --format '{{.Repository}}:{{.Tag}} {{.Size}}' "$tag"
