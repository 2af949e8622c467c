"""Tokens tell who calls; a forged, foreign or expired one is refused (design.md §9)."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit.auth import Caller, CallerKind
from kit.errors import Forbidden, Unauthenticated
from kit.tokens import KeyRing, private_key, service_token, sign_token

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
SECRET = "a secret of the services, long enough"
SEED = os.urandom(32)


def raw_public(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def cashier(expires_at=NOW + timedelta(minutes=15)):
    return Caller("u-1", CallerKind.USER, "Anna", frozenset({"cashdesk.sell"}), expires_at)


def ring(keys=None):
    return KeyRing(lambda: keys if keys is not None else {"k1": raw_public(SEED)}, SECRET)


def test_a_signed_token_names_its_bearer_and_rights():
    token = sign_token(private_key(SEED), "k1", cashier(), NOW)
    caller = ring().verify(token, NOW)
    assert (caller.subject, caller.name, caller.rights) == ("u-1", "Anna", frozenset({"cashdesk.sell"}))


def test_a_token_signed_by_another_key_is_refused():
    token = sign_token(private_key(os.urandom(32)), "k1", cashier(), NOW)
    with pytest.raises(Unauthenticated):
        ring().verify(token, NOW)


def test_every_changed_character_of_a_token_is_noticed():
    token = sign_token(private_key(SEED), "k1", cashier(), NOW)
    for at in range(0, len(token) - 2, 7):  # the last character may carry unused bits
        forged = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(Unauthenticated):
            ring().verify(forged, NOW)


def test_an_expired_token_is_refused_even_when_it_was_seen_before():
    keys = ring()
    token = sign_token(private_key(SEED), "k1", cashier(), NOW)
    keys.verify(token, NOW)
    with pytest.raises(Unauthenticated, match="expired"):
        keys.verify(token, NOW + timedelta(hours=1))


def test_a_person_cannot_pass_for_a_service_with_the_published_key():
    forged = Caller("orders", CallerKind.SERVICE, "orders", frozenset(), NOW + timedelta(minutes=5))
    with pytest.raises(Unauthenticated):
        ring().verify(sign_token(private_key(SEED), "k1", forged, NOW), NOW)


def test_services_know_each_other_by_their_secret():
    assert ring().verify(service_token(SECRET, "orders", NOW), NOW).kind is CallerKind.SERVICE
    with pytest.raises(Unauthenticated):
        ring().verify(service_token(SECRET[::-1], "orders", NOW), NOW)


def test_a_key_published_after_start_is_learnt():
    keys = {}
    token = sign_token(private_key(SEED), "k2", cashier(), NOW)
    keys["k2"] = raw_public(SEED)
    assert ring(keys).verify(token, NOW).subject == "u-1"


def test_rights_are_required_by_name_and_services_have_all():
    cashier().require("cashdesk.sell", "orders.sell")
    with pytest.raises(Forbidden, match=r"orders\.refund"):
        cashier().require("orders.refund")
    Caller("orders", CallerKind.SERVICE, "orders", frozenset(), NOW).require("inventory.view")


def test_a_till_speaks_only_for_itself():
    till = Caller("t-1", CallerKind.TILL, "T01", frozenset(), NOW)
    till.require_till("t-1")
    with pytest.raises(Forbidden):
        till.require_till("t-2")
