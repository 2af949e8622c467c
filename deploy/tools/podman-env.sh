#!/usr/bin/env bash
# podman that works as root on a plain machine without systemd.
#   deploy/tools/podman-env.sh install     install podman and what the scripts beside this one need (Debian's packages)
#   . deploy/tools/podman-env.sh           set CONTAINERS_CONF for this shell (needed before any call of podman)
# Why: without CAP_SYS_RESOURCE podman's default limits (1048576 files) are refused, and crun refuses a machine whose
# cgroup v1 and v2 are mixed; so limits below this shell's own, and runc.
_packages="podman runc netavark aardvark-dns catatonit conmon iptables nftables iproute2 util-linux mmdebstrap ca-certificates"
if [ "${1:-}" = install ]; then
  set -e
  [ "$(id -u)" = 0 ] || { echo "containers need root here: run this as root" >&2; exit 1; }
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 # a list of words
  dpkg -s $_packages >/dev/null 2>&1 || { apt-get update -q && apt-get install -y -q --no-install-recommends $_packages; } >&2
else
  _capped() { if [ "$1" = unlimited ] || [ "$1" -gt "$2" ]; then echo "$2"; else echo "$1"; fi; }
  _files=$(_capped "$(ulimit -Hn)" 65536)
  _processes=$(_capped "$(ulimit -Hu)" 65536)
  CONTAINERS_CONF="${XDG_CACHE_HOME:-$HOME/.cache}/ticketing-podman/containers.conf"
  mkdir -p "$(dirname "$CONTAINERS_CONF")"
  cat > "$CONTAINERS_CONF" <<END
[containers]
default_ulimits = ["nofile=$_files:$_files", "nproc=$((_processes / 2)):$((_processes / 2))"]
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
END
  export CONTAINERS_CONF
  unset _files _processes _packages
fi
