"""Signing in and out. The frame renews tokens while one works."""

from datetime import UTC

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from grpc import RpcError

from accounts.web.pages import accounts, blueprint, status_of
from kit.errors import DomainError, Kind
from kit.web import as_domain_error, end_session, explain, public, signed_in, start_session
from kit.web.i18n import local_path
from ticketing.accounts.v1 import accounts_service_pb2 as pb


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """The form; then on to `next`, only within this site."""
    target = local_path(request.values.get("next"))
    if request.method == "GET":
        return redirect(target) if signed_in() else _form(target)
    login = request.form.get("login", "")
    if not login.strip() or not request.form.get("password"):
        return _form(target, login, gettext("Give your login and your password."), 400)
    asked = pb.SignInRequest(login=login, password=request.form["password"])
    try:
        # The core counts attempts by person, not by web front.
        answer = accounts().SignIn(asked, metadata=(("x-client-address", request.remote_addr or ""),))
    except RpcError as error:
        refused = as_domain_error(error)
        return _form(target, login, _sentence(refused), status_of(refused))
    return start_session(make_response(redirect(target)), answer.token, answer.expires_at.ToDatetime(tzinfo=UTC))


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    return end_session(make_response(redirect(url_for("accounts.sign_in"))))


def _form(target: str, login: str = "", problem: str = "", status: int = 200) -> ResponseReturnValue:
    return render_template("accounts/sign_in.html", target=target, login=login, problem=problem), status


def _sentence(refused: DomainError) -> str:
    if refused.kind is Kind.THROTTLED:
        minutes = -(-int(refused.facts.get("retry_seconds", "60")) // 60)
        return ngettext(
            "Too many attempts. To protect this account, wait %(num)s minute before the next one.",
            "Too many attempts. To protect this account, wait %(num)s minutes before the next one.",
            minutes,
        )
    return explain(refused)
