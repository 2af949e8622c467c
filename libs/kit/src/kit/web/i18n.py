"""French and English by gettext, read from .po files as they are: nothing to compile, nothing to forget.

Message ids are English sentences; the French catalogue is complete and French is the default.
"""

from collections.abc import Mapping
from pathlib import Path

from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, has_request_context, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, Domain, get_locale, gettext, lazy_gettext, ngettext

from kit.web.session import public

LANGUAGES = {"fr": "Français", "en": "English"}
COOKIE = "tk_lang"
OWN = Path(__file__).parent / "translations"

__all__ = [
    "LANGUAGES",
    "OWN",
    "current_language",
    "gettext",
    "init_i18n",
    "lazy_gettext",
    "load_po",
    "local_path",
    "ngettext",
]


def load_po(path: Path) -> Translations:
    """Read one .po file into translations. Fuzzy and empty entries are left out: the English sentence is shown."""
    with path.open("rb") as source:
        catalogue = read_po(source, locale=path.stem)
    found = Translations()
    messages: dict = {}
    for message in catalogue:
        if not message.id or message.fuzzy or not message.string:
            continue
        if isinstance(message.id, (list, tuple)):
            for form, text in enumerate(message.string):
                messages[(message.id[0], form)] = text
        else:
            messages[message.id] = message.string
    found._catalog = messages  # the attribute that gettext.GNUTranslations reads
    return found


class Catalogue(Domain):
    """The translations of all fronts as one domain. `folders`: by blueprint; "" is the frame's.

    The same English word may be two words in French ("Show": "Spectacle", "Afficher"), so that on a front's own pages
    its own translations win.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        super().__init__()
        self._found: dict[tuple[str, str], Translations] = {}
        for language in LANGUAGES:
            read = {
                name: load_po(folder / f"{language}.po")._catalog
                for name, folder in folders.items()
                if (folder / f"{language}.po").exists()
            }
            for blueprint in {"", *folders}:
                merged = Translations()
                merged._catalog = {}
                merged.plural = (
                    (lambda n: int(n > 1)) if language == "fr" else (lambda n: int(n != 1))
                )  # zero: French singular
                for name in [*read, *({blueprint} & set(read))]:
                    merged._catalog.update(read[name])
                self._found[language, blueprint] = merged

    def get_translations(self) -> Translations:
        locale = get_locale()
        language = "fr" if locale is None else locale.language
        here = request.blueprint if has_request_context() else None
        return self._found.get((language, here or "")) or self._found[language, ""]


def current_language() -> str:
    """The reader's language, "fr" or "en"."""
    chosen = request.cookies.get(COOKIE, "fr")
    return chosen if chosen in LANGUAGES else "fr"


def local_path(target: str | None) -> str:
    """`target` when it is a path of this site, else "/": a link cannot send the reader elsewhere."""
    unsafe = not target or target.startswith("//") or any(character in target for character in "\r\n\\")
    return target if target and target.startswith("/") and not unsafe else "/"


@public
def choose_language(language: str) -> ResponseReturnValue:
    """Remember the language and come back to the page."""
    answer: Response = redirect(local_path(request.args.get("next")))  # type: ignore[assignment]
    if language in LANGUAGES:
        answer.set_cookie(COOKIE, language, max_age=365 * 86400, samesite="Lax", httponly=True)
    return answer


def init_i18n(app: Flask, folders: Mapping[str, Path], zone: str) -> None:
    """Give the app its languages, the venue's time zone and the language switch. `folders`: by blueprint."""
    babel = Babel(
        app,
        default_locale="fr",
        default_timezone=zone,
        locale_selector=current_language,
    )
    babel.domain_instance = Catalogue({"": OWN, **folders})
    app.add_url_rule("/language/<language>", "choose_language", choose_language)
    app.jinja_env.globals.update(
        LANGUAGES=LANGUAGES,
        current_language=current_language,
        language_url=lambda code: url_for("choose_language", language=code, next=request.full_path.rstrip("?")),
    )
