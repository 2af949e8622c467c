"""The back office's frame: app factory, look, sign-in, languages and safety, for fronts that are gRPC clients."""

from kit.web.app import create_app
from kit.web.config import WebConfig, web_config
from kit.web.front import Front, NavItem
from kit.web.i18n import current_language
from kit.web.security import may_be_framed
from kit.web.server import serve
from kit.web.session import SessionUser, end_session, public, requires, signed_in, start_session
from kit.web.stubs import stub
from kit.web.words import as_domain_error, explain, field_errors

__all__ = [
    "Front",
    "NavItem",
    "SessionUser",
    "WebConfig",
    "as_domain_error",
    "create_app",
    "current_language",
    "end_session",
    "explain",
    "field_errors",
    "may_be_framed",
    "public",
    "requires",
    "serve",
    "signed_in",
    "start_session",
    "stub",
    "web_config",
]
