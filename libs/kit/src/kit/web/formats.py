"""How pages write money, numbers and instants: the reader's language, the venue's zone."""

from datetime import UTC, date, datetime
from typing import Any

import flask_babel
from flask import Flask, url_for
from markupsafe import Markup

from kit.money import format_money
from kit.web.i18n import current_language


def instant(value: Any) -> datetime:
    """An aware datetime from one, from ISO 8601 text or from a protobuf Timestamp. Raises ValueError without offset."""
    if hasattr(value, "ToDatetime"):
        value = value.ToDatetime(tzinfo=UTC)
    elif isinstance(value, str):
        value = datetime.fromisoformat(value)
    if value.tzinfo is None:
        raise ValueError("an instant needs its offset")
    return value


def money(minor_units: int, currency: str = "EUR") -> str:
    """1250 -> "12,50 €"."""
    return format_money(int(minor_units), currency, current_language())


def write_date(value: Any, style: str = "medium") -> str:
    """A day, from a date, ISO text ("2026-11-23") or an instant."""
    if isinstance(value, str) and len(value) == 10:
        value = date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return flask_babel.format_date(value, style, rebase=False)
    return flask_babel.format_date(instant(value), style)


def write_time(value: Any) -> str:
    """The hour and minute of an instant in the venue's zone."""
    return flask_babel.format_time(instant(value), "short")


def write_datetime(value: Any) -> str:
    """Day and hour of an instant in the venue's zone."""
    return f"{write_date(value)} {write_time(value)}"


def integer(value: int) -> str:
    """1250 -> "1 250"."""
    return flask_babel.format_decimal(int(value))


def rate(basis_points: int) -> str:
    """550 -> "5,5 %"."""
    percent = flask_babel.format_decimal(basis_points / 100)
    return f"{percent}%" if current_language() == "en" else f"{percent}\u00a0%"


def icon(name: str, size: int = 20) -> Markup:
    """One of the kit's own drawings, decorative: the words beside it say the meaning."""
    href = url_for("static", filename="icons.svg")
    drawing = Markup('<svg class="tk-icon" width="{0}" height="{0}" aria-hidden="true"><use href="{1}#{2}"/></svg>')
    return drawing.format(size, href, name)


def init_formats(app: Flask) -> None:
    """Register the filters and the icon function."""
    app.jinja_env.filters.update(
        money=money, date=write_date, time=write_time, datetime=write_datetime, integer=integer, rate=rate
    )
    app.jinja_env.globals["icon"] = icon
