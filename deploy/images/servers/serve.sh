#!/bin/sh
# serve.sh postgres|nats|redis: one server on all addresses, its data in /data. For tests: nothing is synced to the disk.
set -eu
case $1 in
postgres)
  if [ ! -e /data/postgres/PG_VERSION ]; then
    echo "$POSTGRES_PASSWORD" > /data/password
    initdb -D /data/postgres -U postgres --auth=scram-sha-256 --pwfile=/data/password --encoding=UTF8 --no-sync \
      --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C >&2
    rm /data/password
    echo 'host all all all scram-sha-256' >> /data/postgres/pg_hba.conf
  fi
  exec postgres -D /data/postgres -c listen_addresses='*' -c unix_socket_directories= -c fsync=off \
    -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 -c io_method=sync -c timezone=UTC
  ;;
nats)
  exec nats-server --jetstream --store_dir /data --addr 0.0.0.0 --port 4222 --http_port 8222
  ;;
redis)
  exec valkey-server --bind 0.0.0.0 --port 6379 --dir /data --save '' --appendonly no --protected-mode no
  ;;
*)
  echo "serve.sh: $1 is none of postgres, nats, redis" >&2
  exit 2
  ;;
esac
