"""Users: the list, a new one, changing one, a badge."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from grpc import RpcError

from accounts.web.pages import accounts, beside_fields, blueprint, status_of
from accounts.web.words import PROFILES, RIGHTS
from kit.errors import DomainError, Kind
from kit.web import as_domain_error, explain, requires
from ticketing.accounts.v1 import accounts_service_pb2 as pb

RIGHT = "accounts.manage_users"


@blueprint.get("/users")
@requires(RIGHT)
def users() -> ResponseReturnValue:
    found = accounts().ListUsers(pb.ListUsersRequest()).users
    return render_template("accounts/users.html", users=found, profiles=PROFILES)


@blueprint.route("/users/new", methods=["GET", "POST"])
@requires(RIGHT)
def new_user() -> ResponseReturnValue:
    if request.method == "GET":
        return _form({"profile": "cashier", "language": "fr", "request_id": str(uuid.uuid4())})
    given = request.form
    asked = pb.CreateUserRequest(
        request_id=given.get("request_id", ""), login=given.get("login", ""), name=given.get("name", ""),
        profile=given.get("profile", ""), password=given.get("password", ""), pin=given.get("pin", ""),
        language=given.get("language", ""),
    )  # fmt: skip
    try:
        made = accounts().CreateUser(asked).user
    except RpcError as error:
        return _refused(as_domain_error(error), given.to_dict())
    flash(gettext("%(name)s can now sign in.", name=made.name), "success")
    return redirect(url_for("accounts.users"))


@blueprint.route("/users/<user_id>", methods=["GET", "POST"])
@requires(RIGHT)
def edit_user(user_id: str) -> ResponseReturnValue:
    user = _user(user_id)
    if request.method == "GET":
        shown = {"name": user.name, "profile": user.profile, "language": user.language, "enabled": user.enabled}
        return _form(shown | {"request_id": str(uuid.uuid4())}, user)
    given = request.form
    asked = pb.UpdateUserRequest(
        request_id=given.get("request_id", ""), user_id=user_id, name=given.get("name", ""),
        profile=given.get("profile", ""), language=given.get("language", ""), enabled="enabled" in given,
    )  # fmt: skip
    if given.get("password"):
        asked.password = given["password"]
    if given.get("pin"):
        asked.pin = given["pin"]
    elif "forget_pin" in given:
        asked.pin = ""
    try:
        accounts().UpdateUser(asked)
    except RpcError as error:
        return _refused(as_domain_error(error), given.to_dict() | {"enabled": "enabled" in given}, user)
    flash(gettext("Saved. The change takes effect within 15 minutes where this person is signed in."), "success")
    return redirect(url_for("accounts.users"))


@blueprint.route("/users/<user_id>/badge", methods=["GET", "POST"])
@requires(RIGHT)
def user_badge(user_id: str) -> ResponseReturnValue:
    """Scanned in here, it is known to the tills at their next look at the roster; so is its withdrawal."""
    user = _user(user_id)
    if request.method == "GET":
        return _badge_form(user)
    given = request.form
    badge = "" if "withdraw" in given else given.get("badge", "").strip()
    if not badge and "withdraw" not in given:
        return _badge_form(user, {"badge": gettext("Scan the badge.")}), 400
    try:
        accounts().UpdateUser(
            pb.UpdateUserRequest(request_id=given.get("request_id", ""), user_id=user_id, badge=badge)
        )
    except RpcError as error:
        refused = as_domain_error(error)
        errors = beside_fields(refused)
        if not errors:
            raise
        return _badge_form(user, errors), status_of(refused)
    if badge:
        flash(gettext("The badge of %(name)s is known to the tills.", name=user.name), "success")
    else:
        flash(gettext("The badge of %(name)s opens nothing any more.", name=user.name), "success")
    return redirect(url_for("accounts.edit_user", user_id=user_id))


def _badge_form(user: pb.User, errors: dict[str, str] | None = None) -> str:
    return render_template("accounts/badge.html", user=user, request_id=str(uuid.uuid4()), errors=errors or {})


def _user(user_id: str) -> pb.User:
    user = next((u for u in accounts().ListUsers(pb.ListUsersRequest()).users if u.id == user_id), None)
    if user is None:
        raise DomainError("no such user", kind=Kind.NOT_FOUND, reason="USER_NOT_FOUND")
    return user


def _form(
    values: dict[str, Any], user: pb.User | None = None, errors: dict[str, str] | None = None, problem: str = ""
) -> str:
    profiles = [
        (profile.code, *PROFILES.get(profile.code, (profile.name, "")), [RIGHTS.get(r, r) for r in profile.rights])
        for profile in accounts().ListProfiles(pb.ListProfilesRequest()).profiles
    ]
    return render_template(
        "accounts/user.html", user=user, values=values, profiles=profiles, errors=errors or {}, problem=problem
    )


def _refused(error: DomainError, values: dict[str, Any], user: pb.User | None = None) -> ResponseReturnValue:
    """The form as it was sent, with the reason beside the field; a fresh request id, since the values will change."""
    errors = beside_fields(error)
    shown = values | {"request_id": str(uuid.uuid4())}
    return _form(shown, user, errors, "" if errors else explain(error)), status_of(error)
