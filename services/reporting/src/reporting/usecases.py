"""What can be asked of reporting. Right for everything: reporting.view."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from kit.auth import Caller
from kit.errors import FieldInvalid
from reporting import tables
from reporting.domain import (
    DEFAULT_PAGE,
    MAX_EXPORTED_LINES,
    MAX_PAGE,
    MAX_PRINTED_LINES,
    STATES,
    Cursor,
    FileFormat,
    Filter,
    Report,
    ReportTooLarge,
    Statement,
    SurveyQuestion,
    Transaction,
)
from reporting.spreadsheets import Table
from reporting.store import states, survey
from reporting.store.statement import read_statement
from reporting.store.transactions import count_lines, read_transactions

VIEW = "reporting.view"
LANGUAGES = ("fr", "en")


def get_day_statement(sessions: sessionmaker[Session], caller: Caller, chosen: Filter) -> Statement:
    """The statement of a period, all of its figures from one snapshot (LAW-15)."""
    caller.require(VIEW)
    with sessions() as session:
        _one_snapshot(session)
        return read_statement(session, chosen)


def get_survey(
    sessions: sessionmaker[Session], caller: Caller, chosen: Filter
) -> tuple[tuple[SurveyQuestion, ...], list[tuple[str, str]]]:
    """What customers said, by question, and the shows that it is about. Days and show of the filter count (B4)."""
    caller.require(VIEW)
    with sessions() as session:
        _one_snapshot(session)
        return survey.read(session, chosen), survey.shows(session, chosen)


def list_transactions(
    sessions: sessionmaker[Session], caller: Caller, chosen: Filter, page_size: int, page_token: str
) -> tuple[list[Transaction], str]:
    """A page of sold lines, newest sale first, and the next page's token; empty at the end. Raises FieldInvalid."""
    caller.require(VIEW)
    if not 0 <= page_size <= MAX_PAGE:
        raise FieldInvalid("page_size", f"must be 1 to {MAX_PAGE}, or 0 for {DEFAULT_PAGE}")
    size = page_size or DEFAULT_PAGE
    after = Cursor.from_token(page_token) if page_token else None
    with sessions() as session:
        found = read_transactions(session, chosen, after, size + 1)
    page = found[:size]
    return page, page[-1].cursor.to_token() if len(found) > size else ""


def get_state(
    sessions: sessionmaker[Session], caller: Caller, report: Report, chosen: Filter, language: str, zone: str
) -> Table:
    """A state of the money, whole, from one snapshot (Q2). Raises FieldInvalid, ReportTooLarge."""
    caller.require(VIEW)
    language = language or LANGUAGES[0]
    if language not in LANGUAGES:
        raise FieldInvalid("language", f"must be one of {', '.join(LANGUAGES)}")
    with sessions() as session:
        _one_snapshot(session)
        return _state(session, report, chosen, language, zone)


def _state(session: Session, report: Report, chosen: Filter, language: str, zone: str) -> Table:
    read: dict[Report, Callable[[Session, Filter, int], Sequence[Any]]] = {
        Report.CLOSINGS: states.closings, Report.PAYMENTS: states.payments,
        Report.CANCELLATIONS: states.cancellations,
    }  # fmt: skip
    if report not in read:
        raise FieldInvalid("report", "must be the closings, the payments or the cancellations")
    lines = read[report](session, chosen, MAX_EXPORTED_LINES + 1)
    _check_size(len(lines))
    return tables.state_table(report, lines, language, zone)


def export_report(
    sessions: sessionmaker[Session],
    caller: Caller,
    report: Report,
    form: FileFormat,
    chosen: Filter,
    language: str,
    zone: str,
    now: datetime,
) -> tables.File:
    """The same figures as on screen, as a file (L4). Instants are written in `zone`.

    Raises FieldInvalid for an unknown language, ReportTooLarge.
    """  # fmt: skip
    caller.require(VIEW)
    language = language or LANGUAGES[0]
    if language not in LANGUAGES:
        raise FieldInvalid("language", f"must be one of {', '.join(LANGUAGES)}")
    with sessions() as session:
        _one_snapshot(session)
        if report is Report.SURVEY:
            questions = survey.read(session, chosen)
            _check_size(sum(len(each.answers) + 1 for each in questions), form)
            return tables.survey_file(questions, chosen, form, language, zone, now)
        if report in STATES:
            table = _state(session, report, chosen, language, zone)
            _check_size(len(table.rows), form)
            return tables.state_file(report, table, chosen, form, language, zone, now)
        statement = read_statement(session, chosen)
        if report is Report.DAY_STATEMENT:
            _check_size(len(statement.rows), form)
            return tables.statement_file(statement, chosen, form, language, zone, now)
        _check_size(count_lines(session, chosen), form)
        lines = read_transactions(session, chosen, None, MAX_EXPORTED_LINES)
        return tables.transactions_file(lines, statement, chosen, form, language, zone, now)


def _check_size(lines: int, form: FileFormat = FileFormat.CSV) -> None:
    most = MAX_PRINTED_LINES if form is FileFormat.PDF else MAX_EXPORTED_LINES
    if lines > most:
        raise ReportTooLarge(
            f"{lines} lines are too many for one file: choose a shorter period", lines=lines, most=most
        )


def _one_snapshot(session: Session) -> None:
    session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
