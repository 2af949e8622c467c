"""Cash floats at the centre: who has which, what it should hold, who found it in order (E1 to E7)."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ledger
from cashdesk import floats as store
from kit.auth import CallerKind
from kit.clock import now
from ledger import CashMoved, Mode, MovementKind, MovementReason
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

from ..conftest import Core, TillJournal, line, new_id, refund, refusal, sale, tickets_of

DAY = "2026-10-05"


class Drawer:
    """One person's float as their tills write it."""

    def __init__(self, cashier_id: str = "", day: str = DAY) -> None:
        self.id, self.cashier_id, self.day = new_id(), cashier_id or new_id(), day

    def opened(self, pieces: int = 5) -> tuple[dict[str, Any], str]:
        body = ledger.FloatOpened(self.id, self.cashier_id, self.day, "EUR", {1000: pieces}, 1000 * pieces)
        return body.to_body(), "float_opened"

    def sale(self, cents: int = 1200, mode: str = "cash") -> ledger.Sale:
        one = line(quantity=1, unit_price=cents)
        return sale(
            one, tickets=tickets_of(one), cash_float_id=self.id, cashier_id=self.cashier_id, mode=mode,
            business_on=self.day,
        )  # fmt: skip

    def moved(self, kind: MovementKind, amount: int, **changes: Any) -> tuple[dict[str, Any], str]:
        reason = MovementReason.SAFE if kind in (MovementKind.PAY_IN, MovementKind.WITHDRAWAL) else None
        body = CashMoved(
            new_id(), "T01-F000001", kind, self.id, self.cashier_id, new_id(), self.day, "EUR", amount, reason, None,
            None,
        )  # fmt: skip
        body = replace(body, **changes)
        body.check()
        return body.to_body(), "cash_moved"

    def closed(self, expected: int, counted: int, *modes: ledger.ModeCount, why: str | None = "essai") -> Any:
        settled = ledger.FloatSettled("T01-F000009", modes, why, 1, False)
        body = ledger.FloatClosed(
            self.id, self.cashier_id, self.day, "EUR", {1: counted}, expected, counted, counted - expected, settled
        )
        body.check()
        return body.to_body(), "float_closed"


def send(core: Core, till: TillJournal, *bodies: Any) -> None:
    core.append(till, [till.write(*body) if isinstance(body, tuple) else till.write(body) for body in bodies])


def seen(core: Core, drawer: Drawer) -> pb.GetCashFloatResponse:
    return core.as_user("cashdesk.view").GetCashFloat(pb.GetCashFloatRequest(cash_float_id=drawer.id))


def elsewhere(core: Core, till: TillJournal) -> dict[str, pb.FloatElsewhere]:
    answer = core.as_till(till).ListFloatsElsewhere(pb.ListFloatsElsewhereRequest(till_id=till.id))
    return {each.cash_float_id: each for each in answer.floats}


def test_pay_ins_and_withdrawals_change_what_is_expected_and_are_told(core: Core, till: TillJournal) -> None:
    """E2, E3."""
    drawer, signer = Drawer(), new_id()
    with core.sessions.begin() as session:
        store.keep_names(session, [(signer, "Carole", now()), (drawer.cashier_id, "Alice", now())])
    send(
        core, till, drawer.opened(), drawer.sale(1200), drawer.moved(MovementKind.PAY_IN, 3000),
        drawer.moved(MovementKind.WITHDRAWAL, -7000, bag_number="SAC-7", authorised_by=signer),
    )  # fmt: skip
    whole = seen(core, drawer)
    assert (whole.cash_float.expected, whole.cash_float.cashier) == (5000 + 1200 + 3000 - 7000, "Alice")
    assert {part.kind: part.amount for part in whole.cash_float.moved} == {"pay_in": 3000, "withdrawal": -7000}
    assert [(each.bag_number, each.authorised_by) for each in whole.movements] == [("", ""), ("SAC-7", "Carole")]
    told = f"subject = 'cashdesk.cash.moved.v1' AND payload->>'cashFloatId' = '{drawer.id}'"
    assert core.count("outbox", f"{told} AND payload->>'amount' = '-7000'") == 1


def test_a_movement_on_the_wrong_side_is_refused(core: Core, till: TillJournal) -> None:
    body, kind = Drawer().moved(MovementKind.WITHDRAWAL, -500)
    error = refusal(lambda: core.append(till, [till.write(body | {"amount": 500}, kind)]))
    assert (error.reason, error.facts["field"]) == ("ENTRY_MALFORMED", "body.amount")


def test_every_mode_is_expected_as_it_was_sold_and_told_from_what_was_declared(core: Core, till: TillJournal) -> None:
    """E4."""
    drawer = Drawer()
    card = ledger.ModeCount(Mode.CARD, 2400, 2000, -400)
    sold = [drawer.sale(1200, "card"), drawer.sale(1200, "card"), drawer.sale(800, "cheque"), drawer.sale(0, "free")]
    send(core, till, drawer.opened(), *sold, drawer.closed(5000, 4500, card))
    found = seen(core, drawer).cash_float
    assert (found.difference, found.explanation, found.waits) == (-500, "essai", True)
    figures = [(each.mode, each.expected, each.declared, each.difference) for each in found.modes]
    assert figures == [("card", 2400, 2000, -400), ("cheque", 800, 0, -800)]


def test_each_count_of_a_float_is_shown_to_the_manager(core: Core, till: TillJournal) -> None:
    """E4: who counted blind, and how often."""
    drawer = Drawer()
    counts = [
        ledger.FloatDeclared(
            drawer.id, drawer.cashier_id, DAY, "EUR", {1000: n}, 5000, 1000 * n, 1000 * n - 5000, (), True
        )
        for n in (2, 5)
    ]  # fmt: skip
    send(core, till, drawer.opened(), *((each.to_body(), "float_declared") for each in counts))
    assert [(each.counted, each.difference) for each in seen(core, drawer).counts] == [(2000, -3000), (5000, 0)]


class TestAFloatThatIsCarried:
    """E1: it belongs to a person; tills learn where it is."""

    def test_other_tills_hear_where_it_is_and_when_it_is_on_its_way(self, core: Core, till: TillJournal) -> None:
        other, drawer = core.enrol(), Drawer()
        send(core, till, drawer.opened(), drawer.sale(700), drawer.sale(900, "cheque"))
        assert drawer.id not in elsewhere(core, till)
        assert elsewhere(core, other)[drawer.id].movement_id == ""
        out = drawer.moved(MovementKind.CARRIED_OUT, -5700, other_modes={Mode.CHEQUE: -900})
        send(core, till, out)
        for known in (elsewhere(core, till)[drawer.id], elsewhere(core, other)[drawer.id]):
            assert (known.movement_id, known.amount, dict(known.other_modes)) == (
                out[0]["movement_id"], 5700, {"cheque": 900},
            )  # fmt: skip
        assert seen(core, drawer).cash_float.held_till_id == ""
        self.come(core, other, drawer, out)
        assert drawer.id not in elsewhere(core, other)
        assert elsewhere(core, till)[drawer.id].movement_id == ""
        found = seen(core, drawer).cash_float
        assert (found.held_till_id, found.expected) == (other.id, 5700)
        assert [each.expected for each in found.modes] == [900]

    def test_it_counts_the_same_when_the_till_that_it_left_tells_last(self, core: Core, till: TillJournal) -> None:
        """domain 5.5: it was offline; until it tells, the board's figure is another than the slip's."""
        other, drawer = core.enrol(), Drawer()
        kept_back = [till.write(*drawer.opened()), till.write(drawer.sale(700))]
        out = drawer.moved(MovementKind.CARRIED_OUT, -5700)
        kept_back.append(till.write(*out))
        self.come(core, other, drawer, out)
        send(core, other, drawer.sale(300), drawer.closed(6000, 6000, why=None))
        early = seen(core, drawer).cash_float
        assert early.sealed_expected == 6000
        core.append(till, kept_back)
        late = seen(core, drawer).cash_float
        assert (late.expected, late.sealed_expected, late.difference) == (6000, 6000, 0)

    def test_a_closed_float_is_nowhere_any_more(self, core: Core, till: TillJournal) -> None:
        drawer = Drawer()
        send(core, till, drawer.opened(), drawer.closed(5000, 5000))
        assert drawer.id not in elsewhere(core, core.enrol())

    def test_only_a_till_hears_of_them_and_only_for_itself(self, core: Core, till: TillJournal) -> None:
        asked = pb.ListFloatsElsewhereRequest(till_id=till.id)
        assert refusal(lambda: core.as_till(core.enrol()).ListFloatsElsewhere(asked)).reason == "FORBIDDEN"
        assert refusal(lambda: core.as_user("cashdesk.view").ListFloatsElsewhere(asked)).reason == "FORBIDDEN"

    def come(self, core: Core, other: TillJournal, drawer: Drawer, out: tuple[dict[str, Any], str]) -> None:
        body = CashMoved.from_body(out[0])
        modes = {mode: -amount for mode, amount in body.other_modes.items()}
        taken = drawer.moved(
            MovementKind.CARRIED_IN, -body.amount, movement_id=body.movement_id, other_till="T01", other_modes=modes
        )
        send(core, other, taken)


class TestAManagersWord:
    """E5: a closed float is validated once, by somebody else, with a remark where it is not even."""

    def ask(self, drawer: Drawer, remark: str = "", request_id: str = "") -> pb.ValidateCashFloatRequest:
        return pb.ValidateCashFloatRequest(request_id=request_id or new_id(), cash_float_id=drawer.id, remark=remark)

    @pytest.fixture
    def uneven(self, core: Core, till: TillJournal) -> Drawer:
        drawer = Drawer()
        send(core, till, drawer.opened(), drawer.closed(5000, 4000))
        return drawer

    def test_it_is_kept_with_who_gave_it_and_the_float_waits_no_more(self, core: Core, uneven: Drawer) -> None:
        asked = self.ask(uneven, "Compté à deux")
        manager = core.as_user("cashdesk.close")
        told = manager.ValidateCashFloat(asked).cash_float
        assert (told.remark, told.waits) == ("Compté à deux", False)
        assert manager.ValidateCashFloat(asked).cash_float == told
        again = refusal(lambda: manager.ValidateCashFloat(self.ask(uneven, "Encore")))
        assert again.reason == "CASH_FLOAT_VALIDATED"

    def test_a_difference_needs_a_remark(self, core: Core, uneven: Drawer) -> None:
        error = refusal(lambda: core.as_user("cashdesk.close").ValidateCashFloat(self.ask(uneven)))
        assert (error.reason, error.facts["field"]) == ("FIELD_INVALID", "remark")

    def test_an_even_float_needs_none(self, core: Core, till: TillJournal) -> None:
        drawer = Drawer()
        send(core, till, drawer.opened(), drawer.closed(5000, 5000))
        assert core.as_user("cashdesk.close").ValidateCashFloat(self.ask(drawer)).cash_float.validated_by

    def test_nobody_validates_their_own_float(self, core: Core, till: TillJournal) -> None:
        drawer = Drawer()
        send(core, till, drawer.opened(), drawer.closed(5000, 5000))
        herself = core.as_caller(CallerKind.USER, drawer.cashier_id, "cashdesk.close")
        assert refusal(lambda: herself.ValidateCashFloat(self.ask(drawer))).reason == "OWN_CASH_FLOAT"

    def test_an_open_float_and_one_that_nobody_knows_are_not_validated(self, core: Core, till: TillJournal) -> None:
        manager, drawer = core.as_user("cashdesk.close"), Drawer()
        assert refusal(lambda: manager.ValidateCashFloat(self.ask(drawer))).reason == "CASH_FLOAT_UNKNOWN"
        send(core, till, drawer.opened())
        assert refusal(lambda: manager.ValidateCashFloat(self.ask(drawer))).reason == "CASH_FLOAT_OPEN"

    def test_it_takes_the_right(self, core: Core, uneven: Drawer) -> None:
        assert refusal(lambda: core.as_user("cashdesk.view").ValidateCashFloat(self.ask(uneven, "x"))).reason == (
            "FORBIDDEN"
        )

    def test_the_board_has_what_waits_whatever_its_day(self, core: Core, till: TillJournal) -> None:
        drawer = Drawer(day=(now() - timedelta(days=40)).date().isoformat())
        send(core, till, drawer.opened(), drawer.closed(5000, 5000))
        ask = core.as_user("cashdesk.view", "cashdesk.close")
        listed = ask.ListCashFloats(pb.ListCashFloatsRequest()).cash_floats
        assert drawer.id in {each.cash_float_id for each in listed}
        ask.ValidateCashFloat(self.ask(drawer))
        listed = ask.ListCashFloats(pb.ListCashFloatsRequest()).cash_floats
        assert drawer.id not in {each.cash_float_id for each in listed}


def test_what_is_kept_of_floats_can_be_neither_changed_nor_deleted(core: Core, till: TillJournal) -> None:
    """LAW-2, as the role of the application."""
    drawer = Drawer()
    send(core, till, drawer.opened(), drawer.moved(MovementKind.PAY_IN, 100), drawer.closed(5100, 5100))
    for table in ("cash_movements", "float_counts", "float_validations"):
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET cash_float_id = cash_float_id"):
            with core.engine.begin() as connection, pytest.raises(Exception, match="permission denied"):
                connection.exec_driver_sql(change)


def takings(core: Core, day: str, cashier_id: str) -> tuple[dict[str, pb.Takings], int]:
    asked = pb.GetTakingsRequest(from_on=day, to_on=day, cashier_id=cashier_id)
    answer = core.as_user("cashdesk.view").GetTakings(asked)
    return {each.mode: each for each in answer.takings}, answer.open_floats


def test_the_takings_of_a_seller_are_what_was_declared_less_the_difference(core: Core, till: TillJournal) -> None:
    """E7."""
    alice = new_id()
    first, second = Drawer(alice), Drawer(alice)
    card = ledger.ModeCount(Mode.CARD, 2000, 2000, 0)
    send(core, till, first.opened(), first.sale(1200), first.sale(2000, "card"), first.closed(6200, 6000, card))
    send(core, till, second.opened(2), second.moved(MovementKind.WITHDRAWAL, -500))
    found, still_open = takings(core, DAY, alice)
    assert (found["cash"].sales, found["cash"].expected, found["cash"].difference) == (1200, 6200, -200)
    assert (found["card"].declared, found["cash"].floats, still_open) == (2000, 1, 1)
    assert all(each.settles for each in found.values())
    send(core, till, second.closed(1500, 1500))
    found, still_open = takings(core, DAY, alice)
    assert (found["cash"].moved, found["cash"].expected, found["cash"].floats, still_open) == (-500, 7700, 2, 0)
    assert found["cash"].settles


def test_takings_that_a_missing_entry_would_make_wrong_are_not_called_settled(core: Core, till: TillJournal) -> None:
    """A till that closed a float of which another has not told everything yet."""
    drawer = Drawer()
    send(core, till, drawer.opened(), drawer.closed(5700, 5700))
    found, _ = takings(core, DAY, drawer.cashier_id)
    assert not found["cash"].settles


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["sale", "card", "refund", "pay_in", "withdrawal", "transfer", "carry", "close"]),
        st.integers(0, 1),  # who
        st.integers(1, 5000),  # cents
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, cuts=st.lists(st.integers(0, 1), max_size=60))
def test_any_interleaving_keeps_every_float_to_the_cent(core: Core, acts: Any, cuts: list[int]) -> None:
    """E7: two people, two tills that they share and carry floats between, which tell the centre in any order."""
    tills = [core.enrol(), core.enrol()]
    people = [Drawer(day="2026-10-06") for _ in tills]
    at, queue = [0, 1], ([], [])  # where each person's float is; what each till has not sent yet
    cash, card = Counter({0: 5000, 1: 5000}), Counter()
    sold: list[tuple[int, int, int, ledger.Sale]] = []
    is_open = [True, True]

    def write(who: int, *body: Any) -> int:
        queue[at[who]].append(tills[at[who]].write(*body))
        return tills[at[who]].head.sequence

    for who in (0, 1):
        write(who, *people[who].opened())
    for act, who, cents in acts:
        drawer = people[who]
        if not is_open[who]:
            continue
        match act:
            case "sale":
                made = drawer.sale(cents)
                sold.append((who, at[who], write(who, made), made))
                cash[who] += cents
            case "card":
                write(who, drawer.sale(cents, "card"))
                card[who] += cents
            case "refund":
                mine = [each for each in sold if each[1] == at[who] and each[3].total <= cash[who]]
                if not mine:
                    continue
                sold.remove(mine[0])
                _, where, sequence, made = mine[0]
                back = refund(tills[where].id, sequence, made, cash_float_id=drawer.id, business_on="2026-10-06")
                write(who, back)
                cash[who] -= made.total
            case "pay_in":
                write(who, *drawer.moved(MovementKind.PAY_IN, cents))
                cash[who] += cents
            case "withdrawal" if cents <= cash[who]:
                write(who, *drawer.moved(MovementKind.WITHDRAWAL, -cents))
                cash[who] -= cents
            case "transfer" if cents <= cash[who] and is_open[1 - who] and at[0] == at[1]:
                theirs, movement_id = people[1 - who], new_id()
                for one, other, kind, amount in (
                    (drawer, theirs, MovementKind.TRANSFER_OUT, -cents),
                    (theirs, drawer, MovementKind.TRANSFER_IN, cents),
                ):  # fmt: skip
                    write(who, *one.moved(
                        kind, amount, movement_id=movement_id, other_float_id=other.id,
                        other_cashier_id=other.cashier_id,
                    ))  # fmt: skip
                cash[who] -= cents
                cash[1 - who] += cents
            case "carry":
                movement_id = new_id()
                modes = {Mode.CARD: -card[who]} if card[who] else {}
                write(who, *drawer.moved(
                    MovementKind.CARRIED_OUT, -cash[who], movement_id=movement_id, other_modes=modes
                ))  # fmt: skip
                at[who] = 1 - at[who]
                write(who, *drawer.moved(
                    MovementKind.CARRIED_IN, cash[who], movement_id=movement_id, other_till="T1",
                    other_modes={mode: -amount for mode, amount in modes.items()},
                ))  # fmt: skip
            case "close":
                modes = (ledger.ModeCount(Mode.CARD, card[who], card[who], 0),) if card[who] else ()
                write(who, *drawer.closed(cash[who], cash[who] + cents, *modes))
                is_open[who] = False
    for cut in [*cuts, 0, 1]:  # offline periods: one till may tell all before the other tells anything
        core.append(tills[cut], queue[cut][: 3 if cuts else None])
        del queue[cut][: 3 if cuts else None]
    for till, rest in zip(tills, queue, strict=True):
        core.append(till, rest)
    for who, drawer in enumerate(people):
        found = seen(core, drawer).cash_float
        assert (found.expected, {each.mode: each.expected for each in found.modes}.get("card", 0)) == (
            cash[who], card[who],
        )  # fmt: skip
        assert found.held_till_id == tills[at[who]].id
        taken, still_open = takings(core, "2026-10-06", drawer.cashier_id)
        assert still_open == (1 if is_open[who] else 0)
        assert all(each.settles for each in taken.values())
