"""Runs in the box office's pod, from standard input: `python - fill|sell|watch ORDER`; answers a line of JSON.

Every call goes through the Services of the chart, as a person who has signed in.
"""

import json
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import grpc

from kit.clock import now
from kit.grpc_client import channel
from suite.demo import fill
from suite.demo.centre import call, id_of, signed_in
from suite.demo.people import ADMINISTRATOR, PEOPLE, Person
from suite.demo.programme import FESTIVAL, FULL
from suite.machine import SERVICES
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.accounts.v1.accounts_service_pb2_grpc import AccountsServiceStub
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1.catalog_service_pb2_grpc import CatalogServiceStub
from ticketing.orders.v1 import orders_service_pb2 as orders_pb
from ticketing.orders.v1.orders_service_pb2_grpc import OrdersServiceStub

TARGETS = {service: f"grpc://ticketing-{service}:7410" for service in SERVICES}
ENOUGH = Path("enough")
CASHIER = next(person for person in PEOPLE if person.profile == "cashier")


def load() -> dict[str, Any]:
    """The demo organisation; the till's enrolment code."""
    began = time.monotonic()
    code = fill(signed_in(TARGETS, ADMINISTRATOR), now())
    return {"code": code, "seconds": round(time.monotonic() - began, 1)}


def token_of(person: Person) -> str:
    request = accounts_pb.SignInRequest(login=person.login, password=person.password)
    return str(call(AccountsServiceStub(channel(TARGETS["accounts"])).SignIn, request).token)


def orders(token: str) -> OrdersServiceStub:
    return OrdersServiceStub(channel(TARGETS["orders"], token=lambda: token, timeout_seconds=10))


def sell() -> dict[str, Any]:
    """One ticket for the festival, by card, sold by a cashier. Inventory learns of performances by event: ask again."""
    token = token_of(CASHIER)
    catalog = CatalogServiceStub(channel(TARGETS["catalog"], token=lambda: token_of(ADMINISTRATOR)))
    wanted = catalog_pb.ListPerformancesRequest(show_id=id_of("show", FESTIVAL), to_on="2099-12-31")
    performance = call(catalog.ListPerformances, wanted).performances[0]
    programme = call(catalog.GetProgramme, catalog_pb.GetProgrammeRequest())
    prices = next(each.prices for each in programme.price_lists if each.id == performance.price_list_id)
    price = next(each for each in prices if each.tariff_id == id_of("tariff", FULL))
    line = orders_pb.CheckoutLine(
        performance_id=performance.id, tariff_id=price.tariff_id, category_id=price.category_id, quantity=1
    )
    payment = orders_pb.CheckoutPayment(mode="card", amount=price.amount, reference="chart-up")
    request = orders_pb.CheckoutRequest(
        request_id=str(uuid.uuid4()), channel="counter", lines=[line], payments=[payment]
    )
    order = patiently(lambda: call(orders(token).Checkout, request).order)
    return {
        "id": order.id,
        "number": order.number,
        "total": order.total,
        "tickets": [each.token for each in order.tickets],
    }


def watch(order_id: str) -> dict[str, Any]:
    """Ask for one order again and again, until told that it is enough; how many answers came, and which errors."""
    stub, answers, errors = orders(token_of(CASHIER)), 0, []
    ENOUGH.unlink(missing_ok=True)
    while not ENOUGH.exists():
        try:
            stub.GetOrder(orders_pb.GetOrderRequest(order_id=order_id))
            answers += 1
        except grpc.RpcError as error:
            errors.append(f"{error.code().name}: {error.details()}")
        time.sleep(0.02)
    return {"answers": answers, "errors": errors}


def patiently(attempt: Any, seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    print(json.dumps({"fill": load, "sell": sell, "watch": watch}[command](*rest)))
