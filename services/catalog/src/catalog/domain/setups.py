"""Set-ups of tills: published versions, roll-outs, and what keeps a draft from being published (B9)."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.tills import Page, PageKind, TillProfile

LONGEST_COMMENT = 200


@dataclass(frozen=True)
class TillSetupVersion:
    """A version of a profile as it was published: `fingerprint` is the SHA-256 of the signed bytes."""

    till_profile_id: str
    number: int
    published_at: datetime
    published_by: str
    comment: str
    fingerprint: str


@dataclass(frozen=True)
class TillRollout:
    """Which tills were asked to run a version; no ids at all: every till of the profile."""

    id: int
    till_profile_id: str
    number: int
    till_ids: tuple[str, ...]
    point_of_sale_ids: tuple[str, ...]
    at: datetime
    by: str


@dataclass(frozen=True)
class TillReport:
    """What a till says of its set-up; numbers are 0 where there is nothing to say."""

    till_id: str
    till_number: str
    point_of_sale_id: str
    applied_profile_id: str
    applied_number: int
    waiting_number: int
    refused_number: int
    refused_reason: str


@dataclass(frozen=True)
class TillSetupFault:
    """`path` names the place in the profile, such as "pages[0].keys[2]"; `reason` is stable."""

    path: str
    reason: str


def faults(profile: TillProfile, archived: Set[str]) -> list[TillSetupFault]:
    """Everything that keeps a draft from being published. `archived`: ids that nothing sells any more."""
    found = []
    if not profile.pages:
        found.append(TillSetupFault("pages", "PAGE_MISSING"))
    if not profile.payment_modes:
        found.append(TillSetupFault("payment_modes", "MODE_MISSING"))
    found += _twice((page.id, f"pages[{i}]") for i, page in enumerate(profile.pages))
    for i, page in enumerate(profile.pages):
        found += _faults_of_page(f"pages[{i}]", page, archived)
    found += _twice(
        (key.id, f"pages[{i}].keys[{j}]") for i, page in enumerate(profile.pages) for j, key in enumerate(page.keys)
    )
    return found


def _faults_of_page(path: str, page: Page, archived: Set[str]) -> Iterable[TillSetupFault]:
    if page.kind is PageKind.KEYS and not page.keys:
        yield TillSetupFault(path, "PAGE_EMPTY")
    for j, key in enumerate(page.keys):
        if not key.items:
            yield TillSetupFault(f"{path}.keys[{j}]", "KEY_EMPTY")
        named = {
            id for item in key.items for id in (item.show_id, item.performance_id, item.tariff_id, item.product_id)
        }
        if named & archived:
            yield TillSetupFault(f"{path}.keys[{j}]", "ARCHIVED")


def _twice(named: Iterable[tuple[str, str]]) -> Iterable[TillSetupFault]:
    seen: set[str] = set()
    for id, path in named:
        if id in seen:
            yield TillSetupFault(path, "ID_TWICE")
        seen.add(id)
