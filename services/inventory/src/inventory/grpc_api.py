"""The inventory's gRPC door: translate, call one use case, translate back."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from inventory import grpc_messages as messages
from inventory import usecases
from inventory.domain import Lease, LeaseTerms
from inventory.domain.contingents import Contingent, Quota
from inventory.domain.seating_rules import SeatingRules
from inventory.grpc_stock import StockApi
from inventory.usecases.checks import number
from kit.auth import current_caller
from kit.clock import now
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1 import inventory_service_pb2_grpc as rpc
from ticketing.inventory.v1.events_pb2 import LeaseRecalled


class Api(StockApi, rpc.InventoryServiceServicer):
    def __init__(self, sessions: sessionmaker[Session], terms: LeaseTerms) -> None:
        self._sessions, self._terms = sessions, terms
        self._desk = usecases.HoldDesk(sessions)

    def GetAvailability(self, request: pb.GetAvailabilityRequest, context: Any) -> pb.GetAvailabilityResponse:
        found = usecases.availabilities(self._sessions, current_caller(), request.performance_ids, now())
        return pb.GetAvailabilityResponse(availabilities=map(messages.availability, found))

    def HoldPlaces(self, request: pb.HoldPlacesRequest, context: Any) -> pb.HoldPlacesResponse:
        at = now()
        wishes = [messages.wish(f"holds[{i}]", hold, at) for i, hold in enumerate(request.holds)]
        return pb.HoldPlacesResponse(results=map(messages.result, self._desk.hold(current_caller(), wishes, at)))

    def ExtendHolds(self, request: pb.ExtendHoldsRequest, context: Any) -> pb.ExtendHoldsResponse:
        number("hold_seconds", request.hold_seconds, 10, messages.longest_hold(request.option))
        at = now()
        until = at + timedelta(seconds=request.hold_seconds)
        return pb.ExtendHoldsResponse(
            results=map(messages.result, self._desk.extend(current_caller(), request.hold_ids, until, at))
        )

    def ConfirmHolds(self, request: pb.ConfirmHoldsRequest, context: Any) -> pb.ConfirmHoldsResponse:
        found = self._desk.confirm(current_caller(), request.hold_ids, now())
        return pb.ConfirmHoldsResponse(results=map(messages.result, found))

    def ReleaseHolds(self, request: pb.ReleaseHoldsRequest, context: Any) -> pb.ReleaseHoldsResponse:
        self._desk.release(current_caller(), request.hold_ids, now())
        return pb.ReleaseHoldsResponse()

    def GetSeatStatus(self, request: pb.GetSeatStatusRequest, context: Any) -> pb.GetSeatStatusResponse:
        plan_version_id, seats = usecases.seat_status(self._sessions, current_caller(), request.performance_id)
        return pb.GetSeatStatusResponse(
            performance_id=request.performance_id, plan_version_id=plan_version_id, version=seats.version,
            states=seats.shown().tobytes(), contingents=map(messages.contingent, seats.pools.contingents.values()),
        )  # fmt: skip

    def ListPools(self, request: pb.ListPoolsRequest, context: Any) -> pb.ListPoolsResponse:
        found = usecases.list_pools(self._sessions, current_caller(), request.performance_id, now())
        return pb.ListPoolsResponse(
            availability=messages.availability(found.standing),
            contingents=[messages.contingent(each, found.seats.get(each.number, 0)) for each in found.contingents],
            quotas=map(messages.quota, found.quotas), seating_rules=messages.seating_rules(found.rules),
            blocks=map(messages.block, found.blocks), estimated_places=found.estimated_places,
        )  # fmt: skip

    def SaveContingent(self, request: pb.SaveContingentRequest, context: Any) -> pb.SaveContingentResponse:
        def answer(saved: Contingent) -> pb.SaveContingentResponse:
            return pb.SaveContingentResponse(contingent=messages.contingent(saved))

        return usecases.save_contingent(
            self._sessions, current_caller(), request, request.performance_id,
            messages.contingent_from(request.contingent), now(), pb.SaveContingentResponse, answer,
        )  # fmt: skip

    def RemoveContingent(self, request: pb.RemoveContingentRequest, context: Any) -> pb.RemoveContingentResponse:
        return usecases.remove_contingent(
            self._sessions, current_caller(), request, request.performance_id, request.number,
            pb.RemoveContingentResponse, pb.RemoveContingentResponse,
        )  # fmt: skip

    def SaveQuota(self, request: pb.SaveQuotaRequest, context: Any) -> pb.SaveQuotaResponse:
        def answer(saved: Quota) -> pb.SaveQuotaResponse:
            return pb.SaveQuotaResponse(quota=messages.quota(saved))

        return usecases.save_quota(
            self._sessions, current_caller(), request, request.performance_id, messages.quota_from(request.quota),
            pb.SaveQuotaResponse, answer,
        )  # fmt: skip

    def RemoveQuota(self, request: pb.RemoveQuotaRequest, context: Any) -> pb.RemoveQuotaResponse:
        return usecases.remove_quota(
            self._sessions, current_caller(), request, request.performance_id, request.number,
            pb.RemoveQuotaResponse, pb.RemoveQuotaResponse,
        )  # fmt: skip

    def SaveSeatingRules(self, request: pb.SaveSeatingRulesRequest, context: Any) -> pb.SaveSeatingRulesResponse:
        def answer(saved: SeatingRules) -> pb.SaveSeatingRulesResponse:
            return pb.SaveSeatingRulesResponse(seating_rules=messages.seating_rules(saved))

        return usecases.save_seating_rules(
            self._sessions, current_caller(), request, request.performance_id,
            messages.seating_rules_from(request.seating_rules), pb.SaveSeatingRulesResponse, answer,
        )  # fmt: skip

    def AssignSeats(self, request: pb.AssignSeatsRequest, context: Any) -> pb.AssignSeatsResponse:
        def answer(version: int) -> pb.AssignSeatsResponse:
            return pb.AssignSeatsResponse(version=version)

        return usecases.assign_seats(
            self._sessions, current_caller(), request, request.performance_id, request.number, request.seats,
            pb.AssignSeatsResponse, answer,
        )  # fmt: skip

    def CopyPools(self, request: pb.CopyPoolsRequest, context: Any) -> pb.CopyPoolsResponse:
        parts = usecases.Parts(request.contingents, request.quotas, request.seating_rules, request.blocks)
        found = usecases.copy_pools(
            self._sessions, current_caller(), request.request_id, request.performance_id, request.to_performance_ids,
            parts, now(), messages.copy_request, pb.CopyResult,
        )  # fmt: skip
        return pb.CopyPoolsResponse(results=map(messages.copied, found))

    def BlockSeats(self, request: pb.BlockSeatsRequest, context: Any) -> pb.BlockSeatsResponse:
        def answer(block_id: str, version: int) -> pb.BlockSeatsResponse:
            return pb.BlockSeatsResponse(block_id=block_id, version=version)

        return usecases.block_seats(
            self._sessions, current_caller(), request, request.performance_id, request.seats,
            messages.BLOCKS.get(request.kind), request.reason, pb.BlockSeatsResponse, answer,
        )  # fmt: skip

    def UnblockSeats(self, request: pb.UnblockSeatsRequest, context: Any) -> pb.UnblockSeatsResponse:
        def answer(version: int) -> pb.UnblockSeatsResponse:
            return pb.UnblockSeatsResponse(version=version)

        return usecases.unblock_seats(
            self._sessions, current_caller(), request, request.block_id, request.seats, pb.UnblockSeatsResponse, answer
        )

    def SuggestSeats(self, request: pb.SuggestSeatsRequest, context: Any) -> pb.SuggestSeatsResponse:
        found = usecases.suggest_seats(
            self._sessions, current_caller(), request.performance_id, request.seat, request.categories, request.most
        )
        return pb.SuggestSeatsResponse(seats=found)

    def ReseatSale(self, request: pb.ReseatSaleRequest, context: Any) -> pb.ReseatSaleResponse:
        def answer(seat: int) -> pb.ReseatSaleResponse:
            return pb.ReseatSaleResponse(seat=seat)

        return usecases.reseat(
            self._sessions, current_caller(), request, messages.reseated(request), request.categories, request.to_seat,
            pb.ReseatSaleResponse, answer,
        )  # fmt: skip

    def SyncLeases(self, request: pb.SyncLeasesRequest, context: Any) -> pb.SyncLeasesResponse:
        leases, capacities, refusals = usecases.sync_leases(
            self._sessions, current_caller(), request.till_id, [messages.lease_report(x) for x in request.holdings],
            [messages.lease_wish(wish) for wish in request.wishes], now(), self._terms,
        )  # fmt: skip
        return pb.SyncLeasesResponse(
            leases=[messages.lease(told.lease, told.wanted_back) for told in leases],
            availabilities=map(messages.availability, capacities),
            refusals=map(messages.lease_refusal, refusals),
        )

    def ListLeases(self, request: pb.ListLeasesRequest, context: Any) -> pb.ListLeasesResponse:
        found = usecases.list_leases(self._sessions, current_caller(), request.till_id, request.performance_id)
        return pb.ListLeasesResponse(leases=map(messages.lease, found))

    def RecallLease(self, request: pb.RecallLeaseRequest, context: Any) -> pb.RecallLeaseResponse:
        caller = current_caller()

        def event(lease: Lease, places: int) -> LeaseRecalled:
            return LeaseRecalled(
                lease_id=lease.lease_id, till_id=lease.till_id, performance_id=lease.performance_id, places=places,
                reason=request.reason, user_id=caller.subject,
            )  # fmt: skip

        def answer(lease: Lease) -> pb.RecallLeaseResponse:
            return pb.RecallLeaseResponse(lease=messages.lease(lease))

        return usecases.recall_lease(
            self._sessions, caller, request, request.lease_id, request.reason, pb.RecallLeaseResponse, answer, event
        )
