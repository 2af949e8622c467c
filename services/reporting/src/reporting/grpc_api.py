"""The gRPC door: translate, call one use case, translate back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy.orm import Session, sessionmaker

from kit.auth import current_caller
from kit.clock import business_date, now
from kit.errors import FieldInvalid
from reporting import usecases
from reporting.domain import (
    FileFormat,
    Filter,
    FloatFigures,
    FormatUnknown,
    Report,
    Row,
    Statement,
    SurveyQuestion,
    Total,
    Transaction,
    read_filter,
)
from reporting.spreadsheets import Cell, readable
from ticketing.reporting.v1 import reporting_service_pb2 as pb
from ticketing.reporting.v1 import reporting_service_pb2_grpc as rpc

_REPORTS = {pb.REPORT_DAY_STATEMENT: Report.DAY_STATEMENT, pb.REPORT_TRANSACTIONS: Report.TRANSACTIONS,
            pb.REPORT_SURVEY: Report.SURVEY, pb.REPORT_CLOSINGS: Report.CLOSINGS, pb.REPORT_PAYMENTS: Report.PAYMENTS,
            pb.REPORT_CANCELLATIONS: Report.CANCELLATIONS}  # fmt: skip
_FORMATS = {pb.FILE_FORMAT_CSV: FileFormat.CSV, pb.FILE_FORMAT_XLSX: FileFormat.XLSX,
            pb.FILE_FORMAT_PDF: FileFormat.PDF}  # fmt: skip
MOST_SHOWN = 1000
_WORDS = (Cell.TEXT, Cell.DAY, Cell.INSTANT)


class Api(rpc.ReportingServiceServicer):
    """ReportingService over one database; `zone` is the venue's."""

    def __init__(self, sessions: sessionmaker[Session], zone: str) -> None:
        self._sessions, self._zone = sessions, zone

    def GetDayStatement(self, request: pb.GetDayStatementRequest, context: Any) -> pb.GetDayStatementResponse:
        chosen = self._filter(request.filter)
        return _statement(usecases.get_day_statement(self._sessions, current_caller(), chosen))

    def ListTransactions(self, request: pb.ListTransactionsRequest, context: Any) -> pb.ListTransactionsResponse:
        chosen = self._filter(request.filter)
        page, token = usecases.list_transactions(
            self._sessions, current_caller(), chosen, request.page_size, request.page_token
        )
        return pb.ListTransactionsResponse(transactions=map(_transaction, page), next_page_token=token)

    def GetSurvey(self, request: pb.GetSurveyRequest, context: Any) -> pb.GetSurveyResponse:
        questions, shows = usecases.get_survey(self._sessions, current_caller(), self._filter(request.filter))
        return pb.GetSurveyResponse(
            questions=map(_question, questions), shows=[pb.SurveyShow(id=id, title=title) for id, title in shows]
        )

    def GetState(self, request: pb.GetStateRequest, context: Any) -> pb.GetStateResponse:
        report = _REPORTS.get(request.report, Report.DAY_STATEMENT)
        language = request.language or usecases.LANGUAGES[0]
        table = usecases.get_state(
            self._sessions, current_caller(), report, self._filter(request.filter), language, self._zone
        )
        cells = [column.cell for column in table.columns]

        def row(values: Sequence[Any]) -> pb.StateRow:
            return pb.StateRow(
                cells=[readable(cell, value, language) for cell, value in zip(cells, values, strict=True)]
            )

        return pb.GetStateResponse(
            columns=[
                pb.StateColumn(
                    heading=column.heading,
                    kind=pb.CELL_KIND_TEXT if column.cell in _WORDS else pb.CELL_KIND_NUMBER,
                )
                for column in table.columns
            ],
            rows=map(row, table.rows[:MOST_SHOWN]), totals=row(table.totals),
            more=max(0, len(table.rows) - MOST_SHOWN),
        )  # fmt: skip

    def ExportReport(self, request: pb.ExportReportRequest, context: Any) -> pb.ExportReportResponse:
        if request.report not in _REPORTS:
            raise FieldInvalid("report", "must be one of the reports")
        if request.format not in _FORMATS:
            raise FormatUnknown("the format must be CSV, XLSX or PDF", field="format", why="must be CSV, XLSX or PDF")
        file = usecases.export_report(
            self._sessions, current_caller(), _REPORTS[request.report], _FORMATS[request.format],
            self._filter(request.filter), request.language, self._zone, now(),
        )  # fmt: skip
        return pb.ExportReportResponse(content=file.content, filename=file.filename, media_type=file.media_type)

    def _filter(self, asked: pb.Filter) -> Filter:
        today = business_date(now(), self._zone)
        return read_filter(
            asked.from_on, asked.to_on, asked.till_id, asked.cashier_id, asked.show_id, asked.performance_on, today,
            asked.channel,
        )  # fmt: skip


def _statement(found: Statement) -> pb.GetDayStatementResponse:
    return pb.GetDayStatementResponse(
        currency=found.currency, sales=found.sales, total=found.total, net=found.net, vat=found.vat,
        admissions=found.admissions, articles=found.articles, rows=map(_row, found.rows),
        by_payment_mode=_totals(found.by_payment_mode), by_vat_rate=_totals(found.by_vat_rate),
        by_till=_totals(found.by_till), by_cashier=_totals(found.by_cashier), by_show=_totals(found.by_show),
        last_sale_at=_stamp(found.last_sale_at), cash_floats=map(_float, found.cash_floats),
        refunds=found.refunds, refunded=found.refunded,
    )  # fmt: skip


def _row(row: Row) -> pb.StatementRow:
    return pb.StatementRow(
        show=row.show, performance_id=row.performance_id, performance_starts_at=_stamp(row.performance_starts_at),
        label=row.label, first_number=row.first_number, last_number=row.last_number, quantity=row.quantity,
        unit_price=row.unit_price, total=row.total, vat=row.vat, vat_rate_bp=row.vat_rate_bp,
        refund=row.refund,
    )  # fmt: skip


def _question(found: SurveyQuestion) -> pb.SurveyQuestion:
    return pb.SurveyQuestion(
        question_id=found.question_id, question=found.question, kind=found.kind, asked=found.asked,
        answered=found.answered,
        answers=[pb.SurveyAnswer(answer=each.answer, count=each.count) for each in found.answers],
    )  # fmt: skip


def _totals(found: Iterable[Total]) -> list[pb.Total]:
    return [pb.Total(key=t.key, label=t.label, count=t.count, amount=t.amount, net=t.net, vat=t.vat) for t in found]


def _float(found: FloatFigures) -> pb.FloatFigures:
    return pb.FloatFigures(
        cash_float_id=found.cash_float_id, till_number=found.till_number, cashier=found.cashier,
        business_on=found.business_on.isoformat(), opening_total=found.opening_total or 0,
        closed=found.counted is not None, expected=found.expected or 0, counted=found.counted or 0,
        difference=found.difference or 0,
    )  # fmt: skip


def _transaction(line: Transaction) -> pb.Transaction:
    return pb.Transaction(
        order_id=str(line.order_id), order_number=line.order_number, at=_stamp(line.at),
        business_on=line.business_on.isoformat(), till_number=line.till_number, cashier=line.cashier,
        channel=line.channel, label=line.label, quantity=line.quantity, unit_price=line.unit_price, total=line.total,
        vat_rate_bp=line.vat_rate_bp, vat=line.vat, payment_modes=line.payment_modes, sequence=line.sequence,
        refund_of=line.refund_of,
    )  # fmt: skip


def _stamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
