"""Errors on the wire: google.rpc.Status with ErrorInfo, from our errors and back."""

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from kit.errors import DomainError, Kind, Unavailable

CODES = {
    Kind.INVALID: grpc.StatusCode.INVALID_ARGUMENT,
    Kind.UNAUTHENTICATED: grpc.StatusCode.UNAUTHENTICATED,
    Kind.FORBIDDEN: grpc.StatusCode.PERMISSION_DENIED,
    Kind.NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    Kind.REFUSED: grpc.StatusCode.FAILED_PRECONDITION,
    Kind.BUSY: grpc.StatusCode.ABORTED,
    Kind.THROTTLED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Kind.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
}
_KINDS = {code: kind for kind, code in CODES.items()}
_TRANSIENT = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}


def to_status(error: DomainError, service: str) -> status_pb2.Status:
    """The answer to a call that was refused: code, sentence, stable reason and facts."""
    detail = Any()
    detail.Pack(error_details_pb2.ErrorInfo(reason=error.reason, domain=service, metadata=error.facts))
    return status_pb2.Status(code=CODES[error.kind].value[0], message=error.message, details=[detail])


def from_rpc_error(error: grpc.RpcError) -> DomainError:
    """Our error from a failed call. No answer, or an answer out of time, is Unavailable: the effect is unknown."""
    code = error.code()
    status = rpc_status.from_call(error) if code not in _TRANSIENT or error.trailing_metadata() else None
    for detail in status.details if status is not None else ():
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            # Facts are passed as a dict: a fact may bear the name of a parameter.
            answer = DomainError(
                error.details() or info.reason, kind=_KINDS.get(code, Kind.UNAVAILABLE), reason=info.reason
            )
            answer.facts = dict(info.metadata)
            return answer
    if code in _TRANSIENT:
        return Unavailable(f"no answer from the service ({code.name.lower()})")
    kind = _KINDS.get(code, Kind.UNAVAILABLE)
    return DomainError(error.details() or code.name, kind=kind, reason=code.name)
