"""Keeps people signed in while they work: a token past half its life is exchanged for a fresh one."""

from datetime import UTC, timedelta

import grpc
from flask import Flask, Response

from kit import telemetry
from kit.clock import now
from kit.errors import Kind
from kit.grpc_errors import from_rpc_error
from kit.web.session import end_session, signed_in, start_session
from kit.web.stubs import stub
from ticketing.accounts.v1 import accounts_service_pb2 as pb
from ticketing.accounts.v1.accounts_service_pb2_grpc import AccountsServiceStub

RENEWED_WITHIN = timedelta(minutes=8)  # of the 15 that accounts gives
_FINAL = {Kind.UNAUTHENTICATED, Kind.FORBIDDEN, Kind.REFUSED, Kind.NOT_FOUND}


def init_renewal(app: Flask) -> None:
    """After each page of a signed-in person: a new cookie when the old one is about to die.

    Accounts away: the old token serves on. A person who was disabled is signed out.
    """

    @app.after_request
    def renew(response: Response) -> Response:
        user = signed_in()
        if user is None or user.expires_at - now() > RENEWED_WITHIN or "Set-Cookie" in response.headers:
            return response
        try:
            fresh = stub("accounts", AccountsServiceStub).RenewToken(pb.RenewTokenRequest())
        except grpc.RpcError as error:
            refusal = from_rpc_error(error)
            telemetry.log().info("session_not_renewed", reason=refusal.reason)
            return end_session(response) if refusal.kind in _FINAL else response
        return start_session(response, fresh.token, fresh.expires_at.ToDatetime(tzinfo=UTC))
