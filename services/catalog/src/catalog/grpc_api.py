"""The catalogue's gRPC door: translate, call one use case, translate back."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message
from sqlalchemy.orm import Session, sessionmaker

from catalog import usecases
from catalog.domain import (
    Category,
    Channel,
    Organisation,
    Performance,
    PlanFormat,
    PlanVersion,
    PointOfSale,
    PriceList,
    Product,
    Show,
    ShowGroup,
    Tariff,
    TillProfile,
    Venue,
)
from catalog.domain.setups import TillReport, TillRollout, TillSetupFault, TillSetupVersion
from catalog.store import Scheduled
from catalog.translate import to_message, to_value
from catalog.usecases.saving import MOST_PERFORMANCES
from kit.auth import current_caller
from kit.clock import now
from kit.errors import FieldInvalid
from seating import Fault
from setups import Signed
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb
from ticketing.catalog.v1 import catalog_service_pb2_grpc as rpc
from ticketing.catalog.v1.events_pb2 import PerformanceScheduled, ProductSaved

A = TypeVar("A", bound=Message)
_FORMATS = {nouns.PLAN_FORMAT_PRETIX: PlanFormat.PRETIX, nouns.PLAN_FORMAT_DRAWING: PlanFormat.DRAWING}

# The lists that a programme and a snapshot have in common.
LISTS: dict[str, Callable[..., Message]] = {
    "venues": nouns.Venue,
    "groups": nouns.ShowGroup,
    "shows": nouns.Show,
    "performances": nouns.Performance,
    "categories": nouns.Category,
    "tariffs": nouns.Tariff,
    "price_lists": nouns.PriceList,
    "channels": nouns.Channel,
    "products": nouns.Product,
    "points_of_sale": nouns.PointOfSale,
    "till_profiles": nouns.TillProfile,
}


class Api(rpc.CatalogServiceServicer):
    def __init__(self, sessions: sessionmaker[Session], signer: usecases.Signer) -> None:
        self._sessions, self._signer = sessions, signer
        self._snapshots = usecases.TillSnapshots(sessions, render_snapshot)

    def GetOrganisation(self, request: pb.GetOrganisationRequest, context: Any) -> pb.GetOrganisationResponse:
        found = usecases.get_organisation(self._sessions, current_caller())
        return pb.GetOrganisationResponse(organisation=to_message(nouns.Organisation, found))

    def SaveOrganisation(self, request: pb.SaveOrganisationRequest, context: Any) -> pb.SaveOrganisationResponse:
        def answer(saved: Organisation) -> pb.SaveOrganisationResponse:
            return pb.SaveOrganisationResponse(organisation=to_message(nouns.Organisation, saved))

        wanted = to_value(Organisation, request.organisation, "organisation")
        return usecases.save_organisation(
            self._sessions, current_caller(), request, wanted, pb.SaveOrganisationResponse, answer
        )

    def SaveVenue(self, request: pb.SaveVenueRequest, context: Any) -> pb.SaveVenueResponse:
        return self._save(request, "venue", Venue, nouns.Venue, pb.SaveVenueResponse)

    def SaveShowGroup(self, request: pb.SaveShowGroupRequest, context: Any) -> pb.SaveShowGroupResponse:
        return self._save(request, "group", ShowGroup, nouns.ShowGroup, pb.SaveShowGroupResponse)

    def SaveShow(self, request: pb.SaveShowRequest, context: Any) -> pb.SaveShowResponse:
        return self._save(request, "show", Show, nouns.Show, pb.SaveShowResponse)

    def ImportPlan(self, request: pb.ImportPlanRequest, context: Any) -> pb.ImportPlanResponse:
        def answer(saved: PlanVersion | None, faults: Sequence[Fault]) -> pb.ImportPlanResponse:
            told = [
                nouns.PlanFault(severity=each.severity, reason=each.reason, where=each.where, facts=each.facts)
                for each in faults
            ]
            return pb.ImportPlanResponse(version=to_message(nouns.PlanVersion, saved) if saved else None, faults=told)

        return usecases.import_plan(
            self._sessions, current_caller(), request, request.plan_id, request.venue_id, request.content,
            _FORMATS.get(request.format, PlanFormat.OWN), request.side_content, request.name, pb.ImportPlanResponse,
            answer,
        )  # fmt: skip

    def GetPlanVersion(self, request: pb.GetPlanVersionRequest, context: Any) -> pb.GetPlanVersionResponse:
        found, content = usecases.get_plan_version(self._sessions, current_caller(), request.plan_version_id)
        return pb.GetPlanVersionResponse(version=to_message(nouns.PlanVersion, found), content=content)

    def GetPlanGeometry(self, request: pb.GetPlanGeometryRequest, context: Any) -> pb.GetPlanGeometryResponse:
        version, content = usecases.get_plan_geometry(self._sessions, current_caller(), request.plan_version_id)
        return pb.GetPlanGeometryResponse(content=content, version=to_message(nouns.PlanVersion, version))

    def ListPlanVersions(self, request: pb.ListPlanVersionsRequest, context: Any) -> pb.ListPlanVersionsResponse:
        found = usecases.list_plan_versions(self._sessions, current_caller(), request.venue_id)
        return pb.ListPlanVersionsResponse(versions=[to_message(nouns.PlanVersion, version) for version in found])

    def SaveCategory(self, request: pb.SaveCategoryRequest, context: Any) -> pb.SaveCategoryResponse:
        return self._save(request, "category", Category, nouns.Category, pb.SaveCategoryResponse)

    def SaveTariff(self, request: pb.SaveTariffRequest, context: Any) -> pb.SaveTariffResponse:
        return self._save(request, "tariff", Tariff, nouns.Tariff, pb.SaveTariffResponse)

    def SavePriceList(self, request: pb.SavePriceListRequest, context: Any) -> pb.SavePriceListResponse:
        return self._save(request, "price_list", PriceList, nouns.PriceList, pb.SavePriceListResponse)

    def SaveChannel(self, request: pb.SaveChannelRequest, context: Any) -> pb.SaveChannelResponse:
        return self._save(request, "channel", Channel, nouns.Channel, pb.SaveChannelResponse)

    def SavePointOfSale(self, request: pb.SavePointOfSaleRequest, context: Any) -> pb.SavePointOfSaleResponse:
        return self._save(request, "point_of_sale", PointOfSale, nouns.PointOfSale, pb.SavePointOfSaleResponse)

    def SaveTillProfile(self, request: pb.SaveTillProfileRequest, context: Any) -> pb.SaveTillProfileResponse:
        return self._save(request, "till_profile", TillProfile, nouns.TillProfile, pb.SaveTillProfileResponse)

    def SavePerformances(self, request: pb.SavePerformancesRequest, context: Any) -> pb.SavePerformancesResponse:
        def answer(saved: Any) -> pb.SavePerformancesResponse:
            return pb.SavePerformancesResponse(performances=[to_message(nouns.Performance, one) for one in saved])

        caller = current_caller()
        caller.require("catalog.programme")
        most = MOST_PERFORMANCES
        if len(request.performances) > most:
            raise FieldInvalid("performances", f"must be 1 to {most} at once, not {len(request.performances)}")
        wanted = [to_value(Performance, one, f"performances[{i}]") for i, one in enumerate(request.performances)]
        return usecases.save_performances(
            self._sessions, caller, request, wanted, pb.SavePerformancesResponse, answer, scheduled_event
        )

    def SaveProducts(self, request: pb.SaveProductsRequest, context: Any) -> pb.SaveProductsResponse:
        def answer(saved: Any) -> pb.SaveProductsResponse:
            return pb.SaveProductsResponse(products=[to_message(nouns.Product, one) for one in saved])

        wanted = [to_value(Product, one, f"products[{i}]") for i, one in enumerate(request.products)]
        return usecases.save_products(
            self._sessions, current_caller(), request, wanted, pb.SaveProductsResponse, answer,
            lambda saved: ProductSaved(product=to_message(nouns.Product, saved)),
        )  # fmt: skip

    def GetProgramme(self, request: pb.GetProgrammeRequest, context: Any) -> pb.GetProgrammeResponse:
        found = usecases.programme(self._sessions, current_caller())
        answer = pb.GetProgrammeResponse(
            version=found.version, organisation=to_message(nouns.Organisation, found.organisation)
        )
        return _fill(answer, found)

    def GetPerformance(self, request: pb.GetPerformanceRequest, context: Any) -> pb.GetPerformanceResponse:
        performance, show, venue, prices = usecases.get_performance(
            self._sessions, current_caller(), request.performance_id
        )
        return pb.GetPerformanceResponse(
            performance=to_message(nouns.Performance, performance),
            show=to_message(nouns.Show, show),
            venue=to_message(nouns.Venue, venue),
            price_list=to_message(nouns.PriceList, prices) if prices else None,
        )

    def CountPaidPerformances(
        self, request: pb.CountPaidPerformancesRequest, context: Any
    ) -> pb.CountPaidPerformancesResponse:
        found = usecases.count_paid_performances(self._sessions, current_caller(), request.show_id, now())
        return pb.CountPaidPerformancesResponse(
            past=found.past, programmed=found.programmed, then_rate_bp=found.then_rate_bp,
            then_on=found.then_on.isoformat() if found.then_on else "",
        )  # fmt: skip

    def ListPerformances(self, request: pb.ListPerformancesRequest, context: Any) -> pb.ListPerformancesResponse:
        found, token = usecases.list_performances(
            self._sessions, current_caller(), request.show_id, request.from_on, request.to_on, request.page_size,
            request.page_token, now(),
        )  # fmt: skip
        return pb.ListPerformancesResponse(
            performances=[to_message(nouns.Performance, one) for one in found], next_page_token=token
        )

    def ListProducts(self, request: pb.ListProductsRequest, context: Any) -> pb.ListProductsResponse:
        found, token = usecases.list_products(
            self._sessions, current_caller(), request.search, request.family, request.page_size, request.page_token,
            request.product_ids,
        )  # fmt: skip
        return pb.ListProductsResponse(
            products=[to_message(nouns.Product, one) for one in found], next_page_token=token
        )

    def GetTillSnapshot(self, request: pb.GetTillSnapshotRequest, context: Any) -> pb.GetTillSnapshotResponse:
        return self._snapshots.get(
            current_caller(), request.point_of_sale_id, request.known_version, request.numbered_seats, now()
        )

    def GetTillDraft(self, request: pb.GetTillDraftRequest, context: Any) -> pb.GetTillDraftResponse:
        draft, revision = usecases.get_till_draft(self._sessions, current_caller(), request.till_profile_id)
        return pb.GetTillDraftResponse(draft=to_message(nouns.TillProfile, draft), revision=revision)

    def SaveTillDraft(self, request: pb.SaveTillDraftRequest, context: Any) -> pb.SaveTillDraftResponse:
        return usecases.save_till_draft(
            self._sessions, current_caller(), request, to_value(TillProfile, request.draft, "draft"),
            request.known_revision, pb.SaveTillDraftResponse,
            lambda revision: pb.SaveTillDraftResponse(revision=revision),
        )  # fmt: skip

    def PublishTillSetup(self, request: pb.PublishTillSetupRequest, context: Any) -> pb.PublishTillSetupResponse:
        def answer(kept: TillSetupVersion | None, faults: Sequence[TillSetupFault]) -> pb.PublishTillSetupResponse:
            return pb.PublishTillSetupResponse(
                version=to_message(nouns.TillSetupVersion, kept) if kept else None,
                faults=[to_message(nouns.TillSetupFault, fault) for fault in faults],
            )

        return usecases.publish_till_setup(
            self._sessions, current_caller(), self._signer, request, request.till_profile_id, request.known_revision,
            request.comment, pb.PublishTillSetupResponse, answer,
        )  # fmt: skip

    def GetTillSetupVersion(
        self, request: pb.GetTillSetupVersionRequest, context: Any
    ) -> pb.GetTillSetupVersionResponse:
        version, profile = usecases.get_till_setup_version(
            self._sessions, current_caller(), request.till_profile_id, request.number
        )
        return pb.GetTillSetupVersionResponse(
            version=to_message(nouns.TillSetupVersion, version), profile=to_message(nouns.TillProfile, profile)
        )

    def RollOutTillSetup(self, request: pb.RollOutTillSetupRequest, context: Any) -> pb.RollOutTillSetupResponse:
        def answer(made: TillRollout) -> pb.RollOutTillSetupResponse:
            return pb.RollOutTillSetupResponse(rollout=to_message(nouns.TillRollout, made))

        return usecases.roll_out_till_setup(
            self._sessions, current_caller(), request, request.till_profile_id, request.number, request.till_ids,
            request.point_of_sale_ids, pb.RollOutTillSetupResponse, answer,
        )  # fmt: skip

    def SetTillModes(self, request: pb.SetTillModesRequest, context: Any) -> pb.SetTillModesResponse:
        return usecases.set_till_modes(
            self._sessions, current_caller(), self._signer, request, request.till_id, request.payment_modes,
            pb.SetTillModesResponse, pb.SetTillModesResponse,
        )  # fmt: skip

    def ListTillSetups(self, request: pb.ListTillSetupsRequest, context: Any) -> pb.ListTillSetupsResponse:
        versions, rollouts, tills = usecases.list_till_setups(self._sessions, current_caller(), request.till_profile_id)
        answer = pb.ListTillSetupsResponse(
            versions=[to_message(nouns.TillSetupVersion, one) for one in versions],
            rollouts=[to_message(nouns.TillRollout, one) for one in rollouts],
        )
        for report, seen_at, modes, asked in tills:
            runs = report.applied_number if report.applied_profile_id == request.till_profile_id else 0
            told = answer.tills.add(
                till_id=report.till_id, till_number=report.till_number, point_of_sale_id=report.point_of_sale_id,
                asked_number=asked, applied_number=runs, waiting_number=report.waiting_number,
                refused_number=report.refused_number, refused_reason=report.refused_reason, payment_modes=modes,
            )  # fmt: skip
            told.seen_at.FromDatetime(seen_at)
        return answer

    def SyncTillSetup(self, request: pb.SyncTillSetupRequest, context: Any) -> pb.SyncTillSetupResponse:
        report = TillReport(
            request.till_id, "", request.point_of_sale_id, request.applied.till_profile_id, request.applied.number,
            request.waiting.number, 0, request.refused.reason,
        )  # fmt: skip
        setup, modes = usecases.sync_till_setup(
            self._sessions, current_caller(), report, request.waiting.till_profile_id,
            request.refused.fingerprint, request.modes_number, now(),
        )  # fmt: skip
        return pb.SyncTillSetupResponse(setup=_signed(setup), modes=_signed(modes))

    def _save(self, request: Any, field: str, kind: type, noun: type[Message], answer_type: type[A]) -> A:
        """The Save methods of one noun differ in names only: the request's field and the answer's are the same."""

        def answer(saved: Any) -> A:
            return answer_type(**{field: to_message(noun, saved)})

        wanted: object = to_value(kind, getattr(request, field), field)
        return usecases.save_one(self._sessions, current_caller(), request, field, wanted, answer_type, answer)


def scheduled_event(one: Scheduled) -> PerformanceScheduled:
    """The fact that a performance was programmed or changed."""
    return PerformanceScheduled(
        performance=to_message(nouns.Performance, one.performance), show_title=one.show_title, group_id=one.group_id,
        venue_id=one.venue_id, venue_name=one.venue_name, zone=one.zone,
    )  # fmt: skip


def _signed(signed: Signed | None) -> nouns.SignedSetup | None:
    return nouns.SignedSetup(**vars(signed)) if signed else None


def render_snapshot(snapshot: usecases.Snapshot) -> pb.GetTillSnapshotResponse:
    """The snapshot's message; nobody changes it afterwards, for it is kept."""
    answer = pb.GetTillSnapshotResponse(
        version=snapshot.version, full=snapshot.full, numbered_seats=snapshot.numbered_seats
    )
    if snapshot.organisation is not None:
        answer.organisation.CopyFrom(to_message(nouns.Organisation, snapshot.organisation))
    return _fill(answer, snapshot)


def _fill(answer: A, found: object) -> A:
    """Copy the lists that both have."""
    for name, noun in LISTS.items():
        if hasattr(found, name):
            getattr(answer, name).extend(to_message(noun, one) for one in getattr(found, name))  # type: ignore[arg-type]
    return answer
