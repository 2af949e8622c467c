"""The gRPC door: who asks and when, then one use case."""

from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from documents import usecases
from documents.domain import Format
from kit.auth import current_caller
from kit.clock import now
from kit.errors import FieldInvalid
from ticketing.documents.v1 import documents_service_pb2 as pb
from ticketing.documents.v1 import documents_service_pb2_grpc as rpc

FORMATS = {pb.FORMAT_PDF: Format.PDF, pb.FORMAT_PNG: Format.PNG, pb.FORMAT_ESCPOS: Format.ESCPOS}


class DocumentsApi(rpc.DocumentsServiceServicer):
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def SaveTemplate(self, request: pb.SaveTemplateRequest, context: Any) -> pb.SaveTemplateResponse:
        return usecases.save_template(self._sessions, current_caller(), request, now())

    def ListTemplates(self, request: pb.ListTemplatesRequest, context: Any) -> pb.ListTemplatesResponse:
        return usecases.list_templates(self._sessions, current_caller(), request.known_version)

    def GetTemplate(self, request: pb.GetTemplateRequest, context: Any) -> pb.GetTemplateResponse:
        return usecases.get_template(self._sessions, current_caller(), request.code, request.version)

    def RenderDocument(self, request: pb.RenderDocumentRequest, context: Any) -> pb.RenderDocumentResponse:
        as_format = FORMATS.get(request.format)
        if as_format is None:
            raise FieldInvalid("format", "must be PDF, PNG or ESCPOS")
        return usecases.render_document(
            self._sessions, current_caller(), request.code, request.version, list(request.data), as_format
        )
