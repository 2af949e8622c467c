"""The gRPC door: translate, call one use case, translate back."""

from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from kit.auth import current_caller
from kit.clock import now
from orders.clients import Accounts, Catalog, Documents
from orders.conflict_messages import conflict_message, conflict_states, decision_of, proposal_message
from orders.domain.basket import Basket, Paid
from orders.domain.conflict import ConflictState
from orders.domain.reservation import Buyer
from orders.messages import (
    moment,
    order_message,
    reservation_message,
    states_of,
    ticket_message,
    timestamp,
    wanted_lines,
)
from orders.usecases import gates, read
from orders.usecases.checkout import Checkout
from orders.usecases.conflicts import ConflictDesk, Wish
from orders.usecases.keep import Issuer
from orders.usecases.reserve import ReservationDesk
from ticketing.orders.v1 import orders_service_pb2 as pb
from ticketing.orders.v1 import orders_service_pb2_grpc as rpc


class Api(rpc.OrdersServiceServicer):
    """OrdersService over one database."""

    def __init__(
        self, sessions: sessionmaker[Session], checkout: Checkout, catalog: Catalog, accounts: Accounts,
        documents: Documents, issuer: Issuer,
        desk: ReservationDesk, conflicts: ConflictDesk,
    ) -> None:  # fmt: skip
        self._sessions, self._checkout, self._catalog = sessions, checkout, catalog
        self._accounts, self._documents = accounts, documents
        self._issuer, self._desk, self._conflicts = issuer, desk, conflicts

    def Checkout(self, request: pb.CheckoutRequest, context: Any) -> pb.CheckoutResponse:
        caller = current_caller()
        caller.require("orders.sell")
        basket = Basket(
            request.request_id, request.channel, wanted_lines(request.lines),
            tuple(Paid(p.mode, p.amount, p.reference) for p in request.payments),
            request.expected_total if request.HasField("expected_total") else None, request.point_of_sale_id,
            request.partner,
        )  # fmt: skip
        return pb.CheckoutResponse(order=order_message(self._checkout.checkout(caller, basket, now())))

    def GetOrder(self, request: pb.GetOrderRequest, context: Any) -> pb.GetOrderResponse:
        order = read.get_order(self._sessions, current_caller(), request.order_id)
        return pb.GetOrderResponse(order=order_message(order))

    def SearchOrders(self, request: pb.SearchOrdersRequest, context: Any) -> pb.SearchOrdersResponse:
        found = read.search_orders(
            self._sessions, current_caller(), request.text, request.business_on, request.till_id, request.page_size,
            request.page_token,
        )  # fmt: skip
        orders = [order_message(order, with_tickets=False) for order in found.orders]
        return pb.SearchOrdersResponse(orders=orders, next_page_token=found.next_page_token)

    def LookUpTicket(self, request: pb.LookUpTicketRequest, context: Any) -> pb.LookUpTicketResponse:
        found = read.look_up_ticket(self._sessions, self._accounts, current_caller(), request.code, now())
        return pb.LookUpTicketResponse(
            ticket=ticket_message(found.ticket, found.order.id), order=order_message(found.order),
            signature_valid=found.genuine, superseded=found.superseded,
        )  # fmt: skip

    def RenderTickets(self, request: pb.RenderTicketsRequest, context: Any) -> pb.RenderTicketsResponse:
        pdf = read.render_tickets(self._sessions, self._catalog, self._documents, current_caller(), request.order_id)
        return pb.RenderTicketsResponse(pdf=pdf)

    def GetTotals(self, request: pb.GetTotalsRequest, context: Any) -> pb.GetTotalsResponse:
        return pb.GetTotalsResponse(**vars(read.get_totals(self._sessions, current_caller(), request.business_on)))

    def ListConflicts(self, request: pb.ListConflictsRequest, context: Any) -> pb.ListConflictsResponse:
        found = self._conflicts.find(
            current_caller(), conflict_states(request.states), request.performance_id, request.page_size,
            request.page_token,
        )  # fmt: skip
        counts = found.counts
        return pb.ListConflictsResponse(
            conflicts=[conflict_message(it, {}) for it in found.conflicts], next_page_token=found.next_page_token,
            open=counts.get(ConflictState.OPEN, 0), to_refund=counts.get(ConflictState.REFUND, 0),
            settled=counts.get(ConflictState.SETTLED, 0),
        )  # fmt: skip

    def GetConflict(self, request: pb.GetConflictRequest, context: Any) -> pb.GetConflictResponse:
        found = self._conflicts.get(current_caller(), request.conflict_id)
        return pb.GetConflictResponse(conflict=conflict_message(found, self._conflicts.names(found)))

    def ProposeDecisions(self, request: pb.ProposeDecisionsRequest, context: Any) -> pb.ProposeDecisionsResponse:
        proposals = self._conflicts.propose(current_caller(), request.conflict_id)
        return pb.ProposeDecisionsResponse(proposals=map(proposal_message, proposals))

    def DecideConflict(self, request: pb.DecideConflictRequest, context: Any) -> pb.DecideConflictResponse:
        ticket = (request.key_id, request.serial) if request.key_id or request.serial else None
        wish = Wish(
            request.request_id, request.conflict_id, decision_of(request.decision), ticket, request.to_seat,
            request.reason,
        )  # fmt: skip
        decided = self._conflicts.decide(current_caller(), wish, now())
        return pb.DecideConflictResponse(conflict=conflict_message(decided, self._conflicts.names(decided)))

    def GetGatePack(self, request: pb.GetGatePackRequest, context: Any) -> pb.GetGatePackResponse:
        pack = gates.gate_pack(self._sessions, self._accounts, self._issuer, current_caller(), request.after, now())
        return pb.GetGatePackResponse(
            root_public_key=pack.root_public_key, certificates=pack.certificates, revocations=pack.revocations,
            more=pack.more,
        )  # fmt: skip

    def Reserve(self, request: pb.ReserveRequest, context: Any) -> pb.ReserveResponse:
        caller = current_caller()
        caller.require("orders.sell")
        basket = Basket(
            request.request_id, request.channel, wanted_lines(request.lines), (),
            request.expected_total if request.HasField("expected_total") else None, request.point_of_sale_id,
            request.partner,
        )  # fmt: skip
        buyer = Buyer(request.buyer.name, request.buyer.phone, request.buyer.email)
        it = self._desk.reserve(caller, basket, buyer, request.note, moment(request, "due_at"), now())
        return pb.ReserveResponse(reservation=reservation_message(it))

    def SearchReservations(self, request: pb.SearchReservationsRequest, context: Any) -> pb.SearchReservationsResponse:
        found = self._desk.search(
            current_caller(), request.text, states_of(request.states), request.page_size, request.page_token
        )
        return pb.SearchReservationsResponse(
            reservations=map(reservation_message, found.reservations), next_page_token=found.next_page_token
        )

    def GetReservation(self, request: pb.GetReservationRequest, context: Any) -> pb.GetReservationResponse:
        it = self._desk.get(current_caller(), request.reservation_id)
        return pb.GetReservationResponse(reservation=reservation_message(it))

    def ProlongReservation(self, request: pb.ProlongReservationRequest, context: Any) -> pb.ProlongReservationResponse:
        it = self._desk.prolong(current_caller(), request.reservation_id, moment(request, "due_at"), now())
        return pb.ProlongReservationResponse(reservation=reservation_message(it))

    def CancelReservation(self, request: pb.CancelReservationRequest, context: Any) -> pb.CancelReservationResponse:
        it = self._desk.cancel(current_caller(), request.reservation_id, request.reason, now())
        return pb.CancelReservationResponse(reservation=reservation_message(it))

    def ClaimReservation(self, request: pb.ClaimReservationRequest, context: Any) -> pb.ClaimReservationResponse:
        it = self._desk.claim(current_caller(), request.reservation_id, request.till_id, now())
        return pb.ClaimReservationResponse(
            reservation=reservation_message(it), claimed_until=it.claimed_until and timestamp(it.claimed_until)
        )

    def UnclaimReservation(self, request: pb.UnclaimReservationRequest, context: Any) -> pb.UnclaimReservationResponse:
        self._desk.unclaim(current_caller(), request.reservation_id, request.till_id)
        return pb.UnclaimReservationResponse()
