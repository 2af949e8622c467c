"""Calls to accounts, with a deadline."""

import grpc

from kit.grpc_errors import from_rpc_error
from ticketing.accounts.v1 import accounts_service_pb2 as pb
from ticketing.accounts.v1 import accounts_service_pb2_grpc as rpc

CALL_SECONDS = 3.0


class Accounts:
    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = rpc.AccountsServiceStub(channel)

    def certify_receipt_key(self, public_key: bytes) -> tuple[bytes, bytes]:
        """The root's signature over this key, for receipts and archives, and the root's own key. Raises Unavailable."""
        request = pb.CertifyReceiptKeyRequest(public_key=public_key)
        try:
            answer = self._stub.CertifyReceiptKey(request, timeout=CALL_SECONDS)
        except grpc.RpcError as error:
            raise from_rpc_error(error) from error
        return answer.certificate, answer.root_public_key
