"""The app factory: one Flask app for one front, or for all of them."""

from collections.abc import Callable, Sequence

from flask import Flask, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from kit.auth import Caller
from kit.clock import now
from kit.tokens import KeyRing, accounts_keys
from kit.web.assets import init_assets
from kit.web.config import WebConfig
from kit.web.formats import init_formats
from kit.web.front import Front, NavItem
from kit.web.i18n import init_i18n
from kit.web.live import init_live
from kit.web.observe import init_observe
from kit.web.problems import init_problems
from kit.web.renewal import init_renewal
from kit.web.security import init_security
from kit.web.session import init_session, sign_in_url, signed_in
from kit.web.stubs import Channels, init_stubs


def create_app(fronts: Sequence[Front], config: WebConfig, *, verify: Callable[[str], Caller] | None = None) -> Flask:
    """The back office of the given fronts.

    `verify` turns a token into a `kit.auth.Caller`, or raises a DomainError; by default it uses the keys that accounts
    publishes.
    """
    app = Flask("kit.web", static_folder="static", template_folder="templates")
    app.config["ORGANISATION"] = config.organisation
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, config.proxies, config.proxies, config.proxies)  # type: ignore[method-assign]
    channels = init_stubs(app, dict(config.targets))
    init_observe(app, channels)  # first: the trace begins before anything may fail
    init_security(app, config)
    translations = {front.blueprint.name: front.translations for front in fronts if front.translations}
    init_i18n(app, translations, config.venue_zone)
    init_session(app, verify or _verifier(channels))
    init_renewal(app)
    init_formats(app)
    init_assets(app)
    init_live(app, config)
    init_problems(app)
    app.extensions["kit_errors"] = {reason: words for front in fronts for reason, words in front.errors.items()}
    for front in fronts:
        app.register_blueprint(front.blueprint)
    _init_navigation(app, fronts)
    return app


def _verifier(channels: Channels) -> Callable[[str], Caller]:
    keys = KeyRing(lambda: accounts_keys(channels.target("accounts"))())
    return lambda token: keys.verify(token, now())


def _init_navigation(app: Flask, fronts: Sequence[Front]) -> None:
    """The menu, grouped, with only what the reader may open; and a home page, a front's own or made of the menu."""
    fronts = sorted(fronts, key=lambda front: front.rank)

    def home_item() -> NavItem | None:
        user = signed_in()
        items = [item for front in fronts for item in front.nav if front.home == item.endpoint]
        return next((item for item in items if user is not None and user.may(item.right)), None)

    def navigation() -> list[tuple[str, list[tuple[Front, NavItem]]]]:
        user, at_home = signed_in(), home_item()
        groups: dict[str, list[tuple[Front, NavItem]]] = {}
        for front in fronts:
            for item in front.nav:
                if user is not None and user.may(item.right) and item is not at_home:
                    groups.setdefault(str(item.group or front.name), []).append((front, item))
        return list(groups.items())

    def is_here(item: NavItem) -> bool:
        """The longest matching line is the current one, so that a list stays lit on the pages below it."""
        here, items = request.path, [other for front in fronts for other in front.nav]
        above_by_name = [other for other in items if request.endpoint in other.below]
        if above_by_name:
            return item in above_by_name
        paths = [url_for(other.endpoint) for other in items]
        above = [path for path in paths if here == path or here.startswith(path.rstrip("/") + "/")]
        return bool(above) and max(above, key=len) == url_for(item.endpoint)

    def is_home() -> bool:
        item = home_item()
        return request.endpoint in ("home", item.endpoint if item else "")

    def home() -> ResponseReturnValue:
        item = home_item()
        return app.ensure_sync(app.view_functions[item.endpoint])() if item else render_template("kit/home.html")

    app.add_url_rule("/", "home", home)
    app.jinja_env.globals.update(
        navigation=navigation,
        is_here=is_here,
        is_home=is_home,
        signed_in=signed_in,
        sign_in_url=sign_in_url,
        organisation=app.config["ORGANISATION"],
        has_endpoint=lambda name: name in app.view_functions,
    )
