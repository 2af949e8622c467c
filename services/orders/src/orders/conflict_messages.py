"""Conflicts as messages and back."""

import json
from collections.abc import Iterable, Mapping

import titles
from kit.errors import FieldInvalid
from orders.domain.conflict import Claim, Conflict, ConflictKind, ConflictState, Decision, Happened
from orders.messages import timestamp
from orders.usecases.conflicts import Proposal
from ticketing.orders.v1 import orders_service_pb2 as pb

_KINDS: Mapping[ConflictKind, pb.ConflictKind] = {
    ConflictKind.SEAT: pb.CONFLICT_KIND_SEAT,
    ConflictKind.PLACES: pb.CONFLICT_KIND_PLACES,
}
_STATES: Mapping[ConflictState, pb.ConflictState] = {
    ConflictState.OPEN: pb.CONFLICT_STATE_OPEN,
    ConflictState.REFUND: pb.CONFLICT_STATE_REFUND,
    ConflictState.SETTLED: pb.CONFLICT_STATE_SETTLED,
}
_DECISIONS: Mapping[Decision, pb.ConflictDecision] = {
    Decision.RESEAT: pb.CONFLICT_DECISION_RESEAT,
    Decision.REFUND: pb.CONFLICT_DECISION_REFUND,
    Decision.ACCEPT: pb.CONFLICT_DECISION_ACCEPT,
    Decision.REOPEN: pb.CONFLICT_DECISION_REOPEN,
}


def conflict_message(it: Conflict, names: Mapping[str, str]) -> pb.Conflict:
    """The conflict for callers; `names` of cashiers by id."""
    return pb.Conflict(
        id=it.id, kind=_KINDS[it.kind], state=_STATES[it.state], performance_id=it.performance_id, cause=it.cause,
        opened_at=timestamp(it.opened_at), settled_at=timestamp(it.settled_at) if it.settled_at else None,
        claims=[_claim(claim, names) for claim in it.claims], history=map(_act, it.history),
    )  # fmt: skip


def _claim(it: Claim, names: Mapping[str, str]) -> pb.ConflictClaim:
    return pb.ConflictClaim(
        key_id=it.key_id, serial=it.serial, human_code=titles.human_code(*it.id), order_id=it.order_id,
        order_number=it.order_number, line=it.line, label=it.label, price=it.price, currency=it.currency,
        channel=it.channel, till_id=it.till_id, till_number=it.order_number.rpartition("-")[0],
        journal_sequence=it.journal_sequence, cashier_id=it.cashier_id, cashier_name=names.get(it.cashier_id, ""),
        sealed_at=timestamp(it.sealed_at), seat=pb.Seat(**vars(it.seat)) if it.seat else None, refunded=it.refunded,
        replaced=it.replaced, instead_code=titles.human_code(*it.instead) if it.instead else "",
        instead_seat=pb.Seat(**vars(it.instead_seat)) if it.instead_seat else None, without_place=it.without_place,
        to_refund=it.to_refund,
    )  # fmt: skip


def _act(it: Happened) -> pb.ConflictAct:
    return pb.ConflictAct(
        act=it.act.value, at=timestamp(it.at), author_id=it.author_id, author_name=it.author_name, reason=it.reason,
        details=json.dumps(it.details, ensure_ascii=False), till_number=it.till_number,
        journal_sequence=it.journal_sequence or 0,
    )  # fmt: skip


def proposal_message(it: Proposal) -> pb.ConflictProposal:
    """What may be decided, for callers."""
    return pb.ConflictProposal(
        decision=_DECISIONS[it.decision], key_id=it.ticket[0] if it.ticket else 0,
        serial=it.ticket[1] if it.ticket else 0, seats=[pb.ProposedSeat(**vars(seat)) for seat in it.seats],
        refusal=it.refusal, facts=dict(it.facts),
    )  # fmt: skip


def conflict_states(told: Iterable[pb.ConflictState]) -> list[ConflictState]:
    """Raises FieldInvalid for a state that is none."""
    by_number = {number: state for state, number in _STATES.items()}
    try:
        return [by_number[number] for number in told]
    except KeyError:
        raise FieldInvalid("states", "must be states of a conflict") from None


def decision_of(told: pb.ConflictDecision) -> Decision:
    """Raises FieldInvalid."""
    for decision, number in _DECISIONS.items():
        if number == told:
            return decision
    raise FieldInvalid("decision", "must be a decision")
