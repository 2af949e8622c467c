"""Set-ups of tills: published versions, roll-outs, and what keeps a draft from being published (B9)."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.tills import KeyCode, Page, PageKind, QuestionKind, SellerMessage, SurveyQuestion, TillProfile

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
    """`path` names the place in the profile, such as "pages[0].keys[2]" or "messages[1]"; `reason` is stable."""

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
    found += _twice((message.id, f"messages[{i}]") for i, message in enumerate(profile.messages))
    for i, message in enumerate(profile.messages):
        found += _faults_of_message(f"messages[{i}]", message, archived)
    found += _twice((question.id, f"questions[{i}]") for i, question in enumerate(profile.questions))
    for i, question in enumerate(profile.questions):
        found += _faults_of_question(f"questions[{i}]", question, archived)
    return [*found, *_faults_of_codes(profile)]


def _faults_of_page(path: str, page: Page, archived: Set[str]) -> Iterable[TillSetupFault]:
    if page.kind is PageKind.KEYS and not page.keys:
        yield TillSetupFault(path, "PAGE_EMPTY")
    if _all_gone(page.show_ids, archived):
        yield TillSetupFault(path, "ARCHIVED")
    for j, key in enumerate(page.keys):
        if not key.items:
            yield TillSetupFault(f"{path}.keys[{j}]", "KEY_EMPTY")
        named = {
            id for item in key.items for id in (item.show_id, item.performance_id, item.tariff_id, item.product_id)
        }
        if named & archived:
            yield TillSetupFault(f"{path}.keys[{j}]", "ARCHIVED")


def _faults_of_message(path: str, message: SellerMessage, archived: Set[str]) -> Iterable[TillSetupFault]:
    if message.from_ and message.until and message.until <= message.from_:
        yield TillSetupFault(path, "NEVER_SHOWN")
    if _all_gone(message.show_ids, archived) or _all_gone(message.tariff_ids, archived):
        yield TillSetupFault(path, "ARCHIVED")


def _faults_of_question(path: str, question: SurveyQuestion, archived: Set[str]) -> Iterable[TillSetupFault]:
    if question.kind is QuestionKind.CHOICE and len(set(question.choices)) < 2:
        yield TillSetupFault(path, "CHOICES_MISSING")
    if _all_gone(question.show_ids, archived):
        yield TillSetupFault(path, "ARCHIVED")


def _faults_of_codes(profile: TillProfile) -> Iterable[TillSetupFault]:
    places = [(code, f"key_codes[{i}]") for i, code in enumerate(profile.key_codes)]
    yield from _twice(((code.code, path) for code, path in places), "CODE_TWICE")
    for code, path in places:
        if not _acts(profile, code):
            yield TillSetupFault(path, "TARGET_UNKNOWN")


def _acts(profile: TillProfile, code: KeyCode) -> bool:
    """Whether the key of the keyboard has something to act on. A tariff that is not sold here does nothing."""
    kind, _, target = code.action.partition(":")
    match kind:
        case "":
            return any(key.id == code.key_id for page in profile.pages for key in page.keys)
        case "page":
            return any(page.id == target for page in profile.pages)
        case "pay":
            return target in profile.payment_modes
        case _:
            return True


def _all_gone(ids: Iterable[str], archived: Set[str]) -> bool:
    return bool(wanted := set(ids)) and wanted <= archived


def _twice(named: Iterable[tuple[str, str]], reason: str = "ID_TWICE") -> Iterable[TillSetupFault]:
    seen: set[str] = set()
    for id, path in named:
        if id in seen:
            yield TillSetupFault(path, reason)
        seen.add(id)
