"""Checkout: hold, seal, confirm, issue; concurrent callers go through it together.

    caller ──┐ price (catalogue, cached)
    caller ──┼─► group ─► kept already? ─► HoldPlaces ─► RecordSales ─► ConfirmHolds ┐
    caller ──┘                             refused: out   refused: release          ├─► answers
                                                         orders + tickets, one transaction ┘

From RecordSales on the sale exists. Whatever fails after it heals: cashdesk's event makes the order, and confirms the
hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

import ledger
from kit import telemetry
from kit.auth import Caller, CallerKind
from kit.clock import business_date
from kit.errors import DomainError, Kind, RequestReused
from kit.group_commit import GroupCommit
from orders import store
from orders.clients import Cashdesk, Catalog, Inventory, NotSealed, own_deadline
from orders.domain.basket import Basket, Priced, asks_for, price
from orders.domain.order import Order, Sold
from orders.usecases.keep import Issuer, keep_orders

GROUP_LIMIT = 64
Outcome = Order | DomainError


@dataclass(frozen=True)
class _Item:
    """`sale`: with its seats, once they are held."""

    priced: Priced
    sale: ledger.Sale
    now: datetime


class Checkout:
    """Sells for the channels that have no till."""

    def __init__(
        self, sessions: sessionmaker[Session], catalog: Catalog, inventory: Inventory, cashdesk: Cashdesk,
        issuer: Issuer,
    ) -> None:  # fmt: skip
        self._sessions, self._catalog, self._inventory = sessions, catalog, inventory
        self._cashdesk, self._issuer = cashdesk, issuer
        # One group at a time: two would be half as large, and a group costs more than its orders do.
        self._group = GroupCommit[_Item, Order](self._sell, GROUP_LIMIT)

    def checkout(self, caller: Caller, basket: Basket, now: datetime) -> Order:
        """Sell a basket. A repeated request_id gives the first answer.

        Raises the refusals of `domain.basket.price`, of inventory and of cashdesk, RequestReused, and Unavailable: then
        the same request tells what became of it.
        """
        caller.require("orders.sell")
        try:
            priced = self._price(caller, basket, now)
        except DomainError:
            # Sold earlier, at the price and the hour of then?
            with self._sessions() as session:
                kept = store.orders(session, [basket.request_id]).get(basket.request_id)
            if kept is None:
                raise
            return _first_answer(basket, kept)
        return self._group.do(_Item(priced, priced.sale, now))

    def _price(self, caller: Caller, basket: Basket, now: datetime) -> Priced:
        self._issuer.ready()
        return price(*asked(self._catalog, caller, basket, now))

    def _sell(self, items: list[_Item]) -> Sequence[Outcome]:
        with own_deadline():
            outcomes = self._sell_group(items)
        return [outcomes[index] for index in range(len(items))]

    def _sell_group(self, items: list[_Item]) -> dict[int, Outcome]:
        """One outcome per item, by its place in the group."""
        done: dict[int, Outcome] = {}
        waiting, twins = self._sort_out(items, done)
        held = self._hold(waiting, done)
        sealed = self._seal(held, done)
        if sealed:
            self._keep(sealed, done)
        for index, first in twins.items():
            outcome = done[first]
            if isinstance(outcome, Order):
                outcome = _outcome(items[index].priced.basket, outcome)
            done[index] = outcome
        return done

    def _sort_out(self, items: list[_Item], done: dict[int, Outcome]) -> tuple[dict[int, _Item], dict[int, int]]:
        """What is left to sell, and which items repeat an earlier one of the group."""
        with self._sessions() as session:
            kept = store.orders(session, {item.priced.basket.request_id for item in items})
        waiting: dict[int, _Item] = {}
        twins: dict[int, int] = {}
        first_of: dict[str, int] = {}
        for index, item in enumerate(items):
            basket = item.priced.basket
            first = first_of.setdefault(basket.request_id, index)
            if first != index:
                twins[index] = first
            elif basket.request_id in kept:
                done[index] = _outcome(basket, kept[basket.request_id])
            else:
                waiting[index] = item
        return waiting, twins

    def _hold(self, items: dict[int, _Item], done: dict[int, Outcome]) -> dict[int, _Item]:
        if not items:
            return {}
        answers = self._inventory.hold(
            [item.priced for item in items.values()], max(item.now for item in items.values())
        )
        held: dict[int, _Item] = {}
        for (index, item), answer in zip(items.items(), answers, strict=True):
            if isinstance(answer, DomainError):
                done[index] = answer
            else:
                held[index] = replace(item, sale=item.priced.seated(answer))
        return held

    def _seal(self, items: dict[int, _Item], done: dict[int, Outcome]) -> dict[int, tuple[_Item, Sold]]:
        if not items:
            return {}
        try:
            results = self._cashdesk.record([item.sale for item in items.values()])
        except DomainError as error:
            if error.kind is not Kind.UNAVAILABLE:  # else they may be sealed: the holds end by themselves if not
                self._release([item.priced.basket.hold_id for item in items.values()])
            done.update(dict.fromkeys(items, error))
            return {}
        sealed: dict[int, tuple[_Item, Sold]] = {}
        refused = []
        for (index, item), result in zip(items.items(), results, strict=True):
            if isinstance(result, NotSealed):
                done[index] = result.error
                if not result.sealed_before:
                    refused.append(item.priced.basket.hold_id)
            else:
                sealed[index] = (item, result)
        if refused:
            self._release(refused)
        return sealed

    def _release(self, hold_ids: list[str]) -> None:
        try:
            self._inventory.release(hold_ids)
        except DomainError as error:
            telemetry.log().warning("holds_left_to_expire", holds=len(hold_ids), reason=error.reason)

    def _keep(self, sealed: dict[int, tuple[_Item, Sold]], done: dict[int, Outcome]) -> None:
        wait = self._inventory.confirm([item.priced.basket.hold_id for item, _ in sealed.values()])
        times = {key: value for item, _ in sealed.values() for key, value in item.priced.times.items()}
        with self._sessions.begin() as session:
            orders = keep_orders(session, self._issuer, [sold for _, sold in sealed.values()], times)
        earlier = {sold.sale.order_id for _, sold in sealed.values()} - set(orders)
        if earlier:  # the event was faster, or an earlier try of the same request was sealed
            with self._sessions() as session:
                orders.update(store.orders(session, earlier))
        for index, (item, sold) in sealed.items():
            done[index] = _outcome(item.priced.basket, orders[sold.sale.order_id])
        try:
            for refusal in wait():
                telemetry.log().error("hold_not_confirmed", hold=refusal)
        except DomainError as error:
            telemetry.log().warning("holds_confirmed_by_event", holds=len(sealed), reason=error.reason)


def asked(catalog: Catalog, caller: Caller, basket: Basket, now: datetime) -> tuple[Any, ...]:
    """The arguments of `price` and `quote`: the basket, and what the catalogue says of all that it names."""
    performances = {
        wanted.performance_id: catalog.performance(wanted.performance_id)
        for wanted in basket.lines if wanted.performance_id
    }  # fmt: skip
    plans = {
        each.plan_version_id: catalog.plan(each.plan_version_id) for each in performances.values()
        if each.plan_version_id
    }  # fmt: skip
    products = catalog.products() if any(wanted.product_id for wanted in basket.lines) else {}
    zones = sorted({performance.zone for performance in performances.values()}) or ["Europe/Paris"]
    cashier_id = caller.subject if caller.kind is CallerKind.USER else None
    business_on = business_date(now, zones[0])
    return basket, catalog.programme(), performances, plans, products, cashier_id, business_on, now


def _outcome(basket: Basket, order: Order) -> Outcome:
    try:
        return _first_answer(basket, order)
    except RequestReused as error:
        return error


def _first_answer(basket: Basket, order: Order) -> Order:
    if not asks_for(basket, order):
        raise RequestReused(
            f"request {basket.request_id} was already used for something else", request_id=basket.request_id
        )
    return order
