"""The gRPC door, over a real server and channel: identity, errors with reasons, deadlines, health, reflection."""

import os
import time
from datetime import timedelta

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from grpc_health.v1 import health_pb2, health_pb2_grpc

from kit import grpc_server
from kit.auth import Caller, CallerKind, current_caller
from kit.clock import now
from kit.errors import FieldInvalid, Kind
from kit.grpc_client import channel, deadline_at
from kit.grpc_errors import from_rpc_error
from kit.tokens import KeyRing, private_key, sign_token
from suite.testing import free_port
from ticketing.documents.v1 import documents_service_pb2 as pb
from ticketing.documents.v1 import documents_service_pb2_grpc as rpc

SEED = os.urandom(32)


class Api(rpc.DocumentsServiceServicer):
    def GetTemplate(self, request, context):
        if request.code == "bug":
            raise RuntimeError("the secret of the house is 1234")
        if request.code == "slow":
            deadline = deadline_at.get()
            return pb.GetTemplateResponse(template=pb.Template(version=int((deadline - time.monotonic()) * 1000)))
        if not request.code:
            raise FieldInvalid("code", "is missing")
        return pb.GetTemplateResponse(template=pb.Template(code=request.code, saved_by=current_caller().name))

    def ListTemplates(self, request, context):
        return pb.ListTemplatesResponse(version="1")


@pytest.fixture(scope="module")
def target():
    keys = KeyRing(lambda: {"k1": Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()})
    address = f"127.0.0.1:{free_port()}"
    name = pb.DESCRIPTOR.services_by_name["DocumentsService"].full_name
    servicers = [(rpc.add_DocumentsServiceServicer_to_server, Api(), name)]
    server, _ = grpc_server.server("documents", address, keys, servicers, public_methods={"ListTemplates"})
    yield f"grpc://{address}"
    server.stop(0)


@pytest.fixture
def stub(target):
    caller = Caller("u", CallerKind.USER, "Anna", frozenset(), now() + timedelta(minutes=5))
    token = sign_token(private_key(SEED), "k1", caller, now())
    return rpc.DocumentsServiceStub(channel(target, token=lambda: token))


def refusal(call, request, **how):
    with pytest.raises(grpc.RpcError) as caught:
        call(request, **how)
    return from_rpc_error(caught.value)


def test_the_use_case_knows_who_calls(stub):
    assert stub.GetTemplate(pb.GetTemplateRequest(code="x")).template.saved_by == "Anna"


def test_nobody_passes_without_a_token_but_to_public_methods(target):
    stranger = rpc.DocumentsServiceStub(channel(target))
    assert refusal(stranger.GetTemplate, pb.GetTemplateRequest(code="x")).kind is Kind.UNAUTHENTICATED
    assert stranger.ListTemplates(pb.ListTemplatesRequest()).version == "1"


def test_a_refusal_carries_its_reason_and_the_field(stub):
    error = refusal(stub.GetTemplate, pb.GetTemplateRequest())
    assert (error.kind, error.reason, error.facts["field"]) == (Kind.INVALID, "FIELD_INVALID", "code")


def test_a_bug_reveals_nothing(stub):
    with pytest.raises(grpc.RpcError) as caught:
        stub.GetTemplate(pb.GetTemplateRequest(code="bug"))
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert "1234" not in str(caught.value)


def test_garbage_instead_of_a_message_is_an_error_of_the_caller_not_a_crash(target, stub):
    raw = grpc.insecure_channel(target.removeprefix("grpc://")).unary_unary(
        "/ticketing.documents.v1.DocumentsService/GetTemplate", request_serializer=None, response_deserializer=None
    )
    with pytest.raises(grpc.RpcError):
        raw(b"\xff\xff\xff not protobuf", timeout=5)
    assert stub.GetTemplate(pb.GetTemplateRequest(code="x")).template.code == "x"


def test_the_inner_service_is_told_how_long_the_caller_waits(stub):
    left_ms = stub.GetTemplate(pb.GetTemplateRequest(code="slow"), timeout=2).template.version
    assert 0 < left_ms <= 2100


def test_a_call_made_while_answering_keeps_a_little_of_the_deadline_back(stub):
    deadline_at.set(time.monotonic() + 1.0)
    try:
        left_ms = stub.GetTemplate(pb.GetTemplateRequest(code="slow"), timeout=30).template.version
    finally:
        deadline_at.set(None)
    assert left_ms <= 950


def test_a_service_that_is_away_is_unavailable():
    away = rpc.DocumentsServiceStub(channel(f"grpc://127.0.0.1:{free_port()}", timeout_seconds=1))
    assert refusal(away.ListTemplates, pb.ListTemplatesRequest()).kind is Kind.UNAVAILABLE


def test_health_can_be_asked_without_a_token(target):
    health = health_pb2_grpc.HealthStub(grpc.insecure_channel(target.removeprefix("grpc://")))
    assert health.Check(health_pb2.HealthCheckRequest(), timeout=5).status == health_pb2.HealthCheckResponse.SERVING
