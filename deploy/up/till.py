"""A cashier at the containerised till, by the HTTP calls of its page."""

import http.cookiejar
import json
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

HOST = "ticketing-till"


class Till:
    """The page's view of a till: cookies, the CSRF token, JSON."""

    def __init__(self, url: str) -> None:
        self._url, self._csrf, self._cookies = url, "", http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies)).open

    def get(self, path: str) -> Any:
        return self._ask(path, None)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask(path, body)

    def _ask(self, path: str, body: dict[str, Any] | None) -> Any:
        request = urllib.request.Request(self._url + path, None if body is None else json.dumps(body).encode())
        request.add_unredirected_header("Host", HOST)
        request.add_header("Content-Type", "application/json")
        request.add_header("X-Till-CSRF", self._csrf)
        try:
            with self._open(request, timeout=10) as answer:
                told = json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()[:500]}") from error
        self._csrf = told.get("csrf", self._csrf)
        return told


def sell_one(url: str, name: str, pin: str) -> dict[str, Any]:
    """Sign in, open a float, sell what the first usable key offers, for cash; the till's answer."""
    till = Till(url)
    until(lambda: till.get("/api/state")["till"])
    cashier = until(
        lambda: next((each for each in till.get("/api/cashiers")["cashiers"] if each["name"] == name), None)
    )
    till.post("/api/sign-in", {"cashier_id": cashier["id"], "pin": pin})
    till.get("/api/state")
    till.post("/api/float/open", {"counts": {"1000": 5}})
    key = until(lambda: _first_admission(till.get("/api/layout")))
    basket = till.post("/api/basket", {"items": key["items"]})
    request = {
        "request_id": str(uuid.uuid4()), "items": key["items"], "receipt": True, "expected_total": basket["total"],
        "payments": [{"mode": "cash", "amount": basket["total"], "tendered": basket["total"]}],
    }  # fmt: skip
    return until(lambda: _sold(till, request))


def _first_admission(layout: dict[str, Any]) -> dict[str, Any] | None:
    """A key of one admission that has a price."""
    keys = [key for page in layout["pages"] for key in page.get("keys", [])]
    usable = [key for key in keys if not key["disabled"] and key["items"]]
    return next((key for key in usable if all(item["kind"] == "admission" for item in key["items"])), None)


def _sold(till: Till, request: dict[str, Any]) -> dict[str, Any] | None:
    """The sale, or None while the till waits for its first lease of places."""
    try:
        return till.post("/api/sales", request) | {"total": request["expected_total"]}
    except AssertionError as refusal:
        if "NOT_ENOUGH_PLACES" in str(refusal):
            return None
        raise


def until(condition: Any, seconds: float = 60) -> Any:
    """The first true answer of `condition`."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)
    return answer
