"""Places that were sold twice, as orders has recorded them: said by the audit, and a breach only where nobody knows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from suite.audit.services import Services
from ticketing.orders.v1 import orders_service_pb2 as pb

PAGE = 200


@dataclass(frozen=True)
class Conflicts:
    """`waiting`: those that are not settled; `moves`: seats that were given up for others, by performance."""

    waiting: list[pb.Conflict]
    moves: dict[str, Counter[int]]

    def claimed(self, performance_id: str) -> Counter[int]:
        """How many tickets claim each disputed seat of a performance."""
        return Counter(claim.seat.ordinal for claim in self._claims(performance_id))

    def without_seat(self, performance_id: str) -> set[int]:
        """Seats that a sealed sale is known to lack."""
        return {claim.seat.ordinal for claim in self._claims(performance_id) if claim.without_place}

    def seats_after_moves(self, performance_id: str, sold: Counter[int]) -> Counter[int]:
        """The seats that tickets bear, from those that were sealed."""
        after = Counter(sold)
        after.update(self.moves.get(performance_id, Counter()))
        return Counter({seat: times for seat, times in after.items() if times})

    def _claims(self, performance_id: str) -> Iterator[pb.ConflictClaim]:
        for conflict in self.waiting:
            if conflict.performance_id == performance_id and conflict.kind == pb.CONFLICT_KIND_SEAT:
                yield from (claim for claim in conflict.claims if not (claim.refunded or claim.replaced))


def read_conflicts(services: Services) -> Conflicts:
    """Read every conflict."""
    waiting: list[pb.Conflict] = []
    moves: dict[str, Counter[int]] = {}
    token = ""
    while True:
        page = services.orders.ListConflicts(pb.ListConflictsRequest(page_size=PAGE, page_token=token))
        for conflict in page.conflicts:
            if conflict.state != pb.CONFLICT_STATE_SETTLED:
                waiting.append(conflict)
            for claim in conflict.claims:
                if claim.replaced and not claim.refunded:
                    of_house = moves.setdefault(conflict.performance_id, Counter())
                    of_house[claim.seat.ordinal] -= 1
                    of_house[claim.instead_seat.ordinal] += 1
        token = page.next_page_token
        if not token:
            return Conflicts(waiting, moves)
