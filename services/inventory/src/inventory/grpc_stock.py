"""The part of the gRPC door that is about stock."""

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy.orm import Session, sessionmaker

from inventory import usecases
from inventory.domain import Shelf, StockLevel, StockPlace
from inventory.store import Recorded
from kit.auth import current_caller
from ticketing.inventory.v1 import inventory_service_pb2 as pb


class StockApi:
    """Mixed into the whole door."""

    _sessions: sessionmaker[Session]

    def MoveStock(self, request: pb.MoveStockRequest, context: Any) -> pb.MoveStockResponse:
        def answer(level: StockLevel) -> pb.MoveStockResponse:
            return pb.MoveStockResponse(level=_level(level))

        return usecases.move_stock(
            self._sessions, current_caller(), request, _shelf(request), request.quantity, request.cause, request.note,
            pb.MoveStockResponse, answer,
        )  # fmt: skip

    def TransferStock(self, request: pb.TransferStockRequest, context: Any) -> pb.TransferStockResponse:
        def answer(taken: StockLevel, brought: StockLevel) -> pb.TransferStockResponse:
            return pb.TransferStockResponse(taken_from=_level(taken), brought_to=_level(brought))

        source = Shelf(request.from_place_id, request.product_id, request.option)
        return usecases.transfer_stock(
            self._sessions, current_caller(), request, source, request.to_place_id, request.quantity, request.note,
            pb.TransferStockResponse, answer,
        )  # fmt: skip

    def CountStock(self, request: pb.CountStockRequest, context: Any) -> pb.CountStockResponse:
        def answer(level: StockLevel, difference: int) -> pb.CountStockResponse:
            return pb.CountStockResponse(level=_level(level), difference=difference)

        return usecases.count_stock(
            self._sessions, current_caller(), request, _shelf(request), request.counted, request.note,
            pb.CountStockResponse, answer,
        )  # fmt: skip

    def SaveStockThreshold(self, request: pb.SaveStockThresholdRequest, context: Any) -> pb.SaveStockThresholdResponse:
        def answer(level: StockLevel) -> pb.SaveStockThresholdResponse:
            return pb.SaveStockThresholdResponse(level=_level(level))

        threshold = request.threshold if request.HasField("threshold") else None
        return usecases.save_threshold(
            self._sessions, current_caller(), request, _shelf(request), threshold, pb.SaveStockThresholdResponse, answer
        )

    def ListStock(self, request: pb.ListStockRequest, context: Any) -> pb.ListStockResponse:
        found = usecases.list_stock(
            self._sessions, current_caller(), request.by_place, request.place_id, request.product_ids, request.states,
            request.watched, request.limit,
        )  # fmt: skip
        return pb.ListStockResponse(levels=map(_level, found))

    def ListStockMovements(self, request: pb.ListStockMovementsRequest, context: Any) -> pb.ListStockMovementsResponse:
        found, token = usecases.list_movements(
            self._sessions, current_caller(), request.product_id, request.option, request.place_id, request.page_size,
            request.page_token,
        )  # fmt: skip
        return pb.ListStockMovementsResponse(movements=map(_movement, found), next_page_token=token)

    def SaveStockPlace(self, request: pb.SaveStockPlaceRequest, context: Any) -> pb.SaveStockPlaceResponse:
        def answer(saved: StockPlace) -> pb.SaveStockPlaceResponse:
            return pb.SaveStockPlaceResponse(place=_place(saved))

        place = StockPlace(request.place.place_id, request.place.name, tuple(request.place.points_of_sale))
        return usecases.save_stock_place(
            self._sessions, current_caller(), request, place, pb.SaveStockPlaceResponse, answer
        )

    def CloseStockPlace(self, request: pb.CloseStockPlaceRequest, context: Any) -> pb.CloseStockPlaceResponse:
        def answer(closed: StockPlace) -> pb.CloseStockPlaceResponse:
            return pb.CloseStockPlaceResponse(place=_place(closed))

        return usecases.close_stock_place(
            self._sessions, current_caller(), request, request.place_id, pb.CloseStockPlaceResponse, answer
        )

    def ListStockPlaces(self, request: pb.ListStockPlacesRequest, context: Any) -> pb.ListStockPlacesResponse:
        found = usecases.list_stock_places(self._sessions, current_caller())
        return pb.ListStockPlacesResponse(places=map(_place, found))


def _shelf(request: pb.MoveStockRequest | pb.CountStockRequest | pb.SaveStockThresholdRequest) -> Shelf:
    return Shelf(request.place_id, request.product_id, request.option)


def _level(level: StockLevel) -> pb.StockLevel:
    state = int(level.state) if level.place_id else pb.STOCK_STATE_UNSPECIFIED
    return pb.StockLevel(
        product_id=level.product_id, option=level.option, on_hand=level.on_hand, held=level.held,
        place_id=level.place_id, threshold=level.threshold, state=state,  # type: ignore[arg-type]
    )  # fmt: skip


def _movement(recorded: Recorded) -> pb.StockMovement:
    it = recorded.movement
    at = Timestamp()
    at.FromDatetime(recorded.moved_at)
    return pb.StockMovement(
        id=recorded.movement_id, place_id=it.shelf.place_id, product_id=it.shelf.product_id, option=it.shelf.option,
        quantity=it.quantity, cause=int(it.cause), reference=it.act.reference, note=it.act.note,  # type: ignore[arg-type]
        moved_at=at, by_id=it.act.by_id, by_name=it.act.by_name,
    )  # fmt: skip


def _place(place: StockPlace) -> pb.StockPlace:
    return pb.StockPlace(
        place_id=place.place_id, name=place.name, points_of_sale=place.points_of_sale, main=place.main,
        closed=place.closed,
    )  # fmt: skip
