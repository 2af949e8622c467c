"""As much of HTTP/1.1 as a terminal needs: one POST, one answer of known length, on a line that then closes."""

from device_gateway.terminals.outcome import BadAnswer

MOST_BYTES = 256 * 1024
_END = b"\r\n\r\n"


def post(host: str, path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body


def whole_body(data: bytes) -> bytes | None:
    """The body of an answer; None while some of it is missing. Raises BadAnswer, also for a status that is not 200."""
    if len(data) > MOST_BYTES:
        raise BadAnswer("too long")
    head, end, body = data.partition(_END)
    if not end:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    if first.split(" ")[:2] != ["HTTP/1.1", "200"]:
        raise BadAnswer("not an answer")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or len(length) > 7:
        raise BadAnswer("no length")
    return body[: int(length)] if len(body) >= int(length) else None
