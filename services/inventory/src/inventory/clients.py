"""Calls to the catalogue, with a deadline. Never inside a transaction."""

from dataclasses import dataclass

import grpc

from kit.errors import DomainError
from kit.grpc_errors import from_rpc_error
from ticketing.catalog.v1 import catalog_service_pb2 as pb
from ticketing.catalog.v1 import catalog_service_pb2_grpc as rpc

PLAN_SECONDS = 20.0


@dataclass(frozen=True)
class PlanVersion:
    """`content`: gzip of the plan's own format."""

    fingerprint: str
    seats: int
    content: bytes


class Catalog:
    """Seating plans."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = rpc.CatalogServiceStub(channel)

    def plan_version(self, plan_version_id: str) -> PlanVersion:
        """Raises PLAN_VERSION_NOT_FOUND, Unavailable."""
        try:
            answer = self._stub.GetPlanVersion(
                pb.GetPlanVersionRequest(plan_version_id=plan_version_id), timeout=PLAN_SECONDS
            )
        except grpc.RpcError as error:
            refused: DomainError = from_rpc_error(error)
            raise refused from error
        return PlanVersion(answer.version.fingerprint, answer.version.seats, answer.content)
