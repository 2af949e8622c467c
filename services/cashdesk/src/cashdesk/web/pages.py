"""What the pages of the money share."""

from flask import Blueprint

from kit.web import stub
from ticketing.cashdesk.v1 import cashdesk_service_pb2_grpc as rpc

VIEW = "cashdesk.view"

blueprint = Blueprint("cashdesk", __name__, url_prefix="/cashdesk", template_folder="templates")


def cashdesk() -> rpc.CashdeskServiceStub:
    return stub("cashdesk", rpc.CashdeskServiceStub)
