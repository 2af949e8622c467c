"""How events travel: one by itself in CloudEvents' binary mode, a crowd of them together in its JSON batch mode.

    one     headers ce-id ce-type ce-source ce-time traceparent, body = protobuf JSON
    many    content-type application/cloudevents-batch+json, body = [{"id", "type", "source", "time", "data", …}, …]

A message costs NATS, its sender and each of its readers far more than the event inside it does.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BATCH_TYPE = "application/cloudevents-batch+json"
MOST_EVENTS = 100
MOST_BYTES = 256 * 1024  # of bodies; NATS takes 1 MiB


@dataclass(frozen=True)
class Packed:
    """A message as NATS takes it."""

    subject: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Unpacked:
    """An event as it was told; `data` is its protobuf JSON, parsed."""

    event_id: str
    time: str
    traceparent: str | None
    data: Any


def pack(rows: Iterable[Mapping[str, Any]], source: str) -> Iterator[Packed]:
    """Outbox rows, in order, as messages: neighbours of one subject travel together."""
    crowd: list[Mapping[str, Any]] = []
    size = 0
    for row in rows:
        length = len(row["payload"])
        full = len(crowd) == MOST_EVENTS or size + length > MOST_BYTES
        if crowd and (full or crowd[0]["subject"] != row["subject"]):
            yield _packed(crowd, source)
            crowd, size = [], 0
        crowd.append(row)
        size += length
    if crowd:
        yield _packed(crowd, source)


def unpack(headers: Mapping[str, str], body: bytes) -> Sequence[Unpacked]:
    """The events of a message. Raises ValueError or KeyError when it is none of ours."""
    content = json.loads(body)
    if headers.get("content-type") == BATCH_TYPE:
        return [Unpacked(each["id"], each["time"], each.get("traceparent"), each["data"]) for each in content]
    return [Unpacked(headers["ce-id"], headers.get("ce-time", ""), headers.get("traceparent"), content)]


def _packed(crowd: Sequence[Mapping[str, Any]], source: str) -> Packed:
    first = crowd[0]
    headers = {"Nats-Msg-Id": str(first["event_id"]), "ce-type": first["subject"], "ce-source": source}
    if len(crowd) == 1:
        headers |= {"ce-id": str(first["event_id"]), "ce-time": first["recorded_at"].isoformat()}
        if first["traceparent"]:
            headers["traceparent"] = first["traceparent"]
        return Packed(first["subject"], headers, first["payload"].encode())
    # The same first event may have travelled in another crowd before a crash: JetStream must not take this for that.
    headers |= {"Nats-Msg-Id": f"{first['event_id']}+{len(crowd) - 1}", "content-type": BATCH_TYPE}
    return Packed(first["subject"], headers, f"[{','.join(_member(row, source) for row in crowd)}]".encode())


def _member(row: Mapping[str, Any], source: str) -> str:
    """The payload is JSON already and goes in as it is."""
    about = {"specversion": "1.0", "id": str(row["event_id"]), "type": row["subject"], "source": source,
             "time": row["recorded_at"].isoformat()}  # fmt: skip
    if row["traceparent"]:
        about["traceparent"] = row["traceparent"]
    return f'{json.dumps(about)[:-1]}, "data": {row["payload"]}}}'
