"""VAT on entry (LAW-19): which rate a performance has, by what is shown, its rank, the venue's territory and the date.

Where the numbers come from, in words (articles of the CGI, the general tax code; BOI, the administration's comments):
- mainland: article 281 quater, BOI-TVA-LIQ-40-20 (2.1 % on the first 140 paid performances of a creation, or of a
  classic newly staged; not where drinks are usually served during the show), BOI-TVA-LIQ-30-20-40 (5.5 % theatre,
  circus, concerts, variety, cinema, sports; 10 % fairs, exhibitions, fairground rides), article 278 (20 % the rest);
- Corsica: article 297 (0.9 % and 2.1 % in the place of 2.1 % and 5.5 %); overseas (Guadeloupe, Martinique, La Réunion):
  articles 296 and following (1.05 % and 2.1 %; 8.5 % the rest). Both known from secondary sources, so what none of them
  says (fairs there, and all of Guyane and Mayotte) has no row: the prices' own rates stand.

A new law is a new row with its first day; rows are never changed, for a performance keeps the rate of its day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum

FIRST_PERFORMANCES = 140


class VatKind(IntEnum):
    """What a show is for VAT. BY_PRICES: each price says its own rate, fixed by hand."""

    BY_PRICES = 0
    CREATION = 1
    ENTERTAINMENT = 2
    EXHIBITION = 3
    STANDARD = 4


class Territory(IntEnum):
    MAINLAND = 0
    CORSICA = 1
    OVERSEAS = 2


@dataclass(frozen=True)
class Rate:
    kind: VatKind
    territory: Territory
    from_on: date
    rate_bp: int


_2014 = date(2014, 1, 1)
RATES = (
    Rate(VatKind.CREATION, Territory.MAINLAND, _2014, 210),
    Rate(VatKind.ENTERTAINMENT, Territory.MAINLAND, _2014, 550),
    Rate(VatKind.EXHIBITION, Territory.MAINLAND, _2014, 1000),
    Rate(VatKind.STANDARD, Territory.MAINLAND, _2014, 2000),
    Rate(VatKind.CREATION, Territory.CORSICA, _2014, 90),
    Rate(VatKind.ENTERTAINMENT, Territory.CORSICA, _2014, 210),
    Rate(VatKind.STANDARD, Territory.CORSICA, _2014, 2000),
    Rate(VatKind.CREATION, Territory.OVERSEAS, _2014, 105),
    Rate(VatKind.ENTERTAINMENT, Territory.OVERSEAS, _2014, 210),
    Rate(VatKind.STANDARD, Territory.OVERSEAS, _2014, 850),
)


@dataclass(frozen=True)
class VatRule:
    """What decides the rate of a show's performances."""

    kind: VatKind
    drinks_served: bool
    paid_before: int  # paid performances of the work before those of this catalogue: a tour
    territory: Territory


@dataclass(frozen=True)
class Dated:
    """A performance as VAT sees it."""

    id: str
    starts_at: datetime
    on: date  # at the venue
    paid: bool  # on sale, with a price that is not 0: it counts
    rate_bp: int | None = None  # None: each price says its own


@dataclass(frozen=True)
class PaidCount:
    """Where a work stands in its first 140 paid performances."""

    past: int  # begun by now, with those before this catalogue
    programmed: int  # all of them
    then_on: date | None  # the day of the first one past the 140; None: not programmed
    then_rate_bp: int | None


def rated(rule: VatRule, performances: Iterable[Dated]) -> list[Dated]:
    """All performances of a show in order of time, each with its rate.

    One that does not count (free, a draft, cancelled) has the rate that it would have in its place.
    """
    before, found = rule.paid_before, []
    for each in sorted(performances, key=lambda it: (it.starts_at, it.id)):
        found.append(replace(each, rate_bp=_rate(rule, before + 1, each.on)))
        before += each.paid
    return found


def count(rule: VatRule, performances: Iterable[Dated], now: datetime) -> PaidCount:
    """The counter of a creation."""
    paid = [each for each in rated(rule, performances) if each.paid]
    later = paid[max(FIRST_PERFORMANCES - rule.paid_before, 0) :]
    return PaidCount(
        past=rule.paid_before + sum(each.starts_at <= now for each in paid),
        programmed=rule.paid_before + len(paid),
        then_on=later[0].on if later else None,
        then_rate_bp=later[0].rate_bp if later else None,
    )


def _rate(rule: VatRule, rank: int, on: date) -> int | None:
    kind = rule.kind
    if kind is VatKind.CREATION and (rule.drinks_served or rank > FIRST_PERFORMANCES):
        kind = VatKind.ENTERTAINMENT
    rows = [it for it in RATES if it.kind is kind and it.territory is rule.territory and it.from_on <= on]
    return max(rows, key=lambda it: it.from_on).rate_bp if rows else None
