"""What a service brings to the back office: its pages, its place in the menu, its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Blueprint


@dataclass(frozen=True)
class NavItem:
    """A line of the menu, shown only to who has `right` (M2: the core refuses the others too).

    `label` is a `lazy_gettext`, so that it follows the reader's language. Items of one `group` stand under its title,
    whichever front they come from. `below` names the endpoints of pages that stand under this line without sharing its
    address.
    """

    endpoint: str
    label: Any  # LazyString or str
    right: str | None = None
    group: Any = ""
    summary: Any = ""  # one sentence for the home page
    icon: str = ""  # id of a symbol of kit/icons.svg; without one, the front's
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class Front:
    """One service's pages. `errors` gives words to the reasons of its core's refusals; `%(fact)s` inserts a fact.

    `home` is the endpoint of one of its menu lines that greets who may open it, in place of the bare menu. Lines of a
    smaller `rank` stand higher in the menu.
    """

    name: str
    blueprint: Blueprint
    nav: tuple[NavItem, ...] = ()
    translations: Path | None = None  # a folder of <language>.po
    icon: str = ""  # id of a symbol of kit/icons.svg
    errors: Mapping[str, Any] = field(default_factory=dict)
    home: str | None = None
    rank: int = 50
