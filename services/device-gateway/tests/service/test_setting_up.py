"""B9: a till verifies a set-up before it keeps it, and applies it between two sales."""

from dataclasses import replace

import pytest

import setups
import titles
from device_gateway import metrics, setting_up, sync
from device_gateway.store import setups as kept
from device_gateway.store import shifts

KEY = titles.generate_key()


@pytest.fixture
def made(world):
    """Makes signed set-ups as the centre does."""

    def make(content, root=world.root):
        return setups.sign(setups.encode(content), KEY, setups.certify(titles.public_bytes(KEY), root))

    return make


@pytest.fixture
def nobody_sells(world):
    with world.till.database.write() as tx:
        for shift in shifts.under_way(tx):
            shifts.end(tx, shift.shift_id, world.at)


def version(world, number, label, modes=("cash", "card")):
    page = {"id": "keys", "label": label, "kind": "PAGE_KIND_KEYS"}
    profile = {"id": world.uid("profile"), "name": "Accueil", "pages": [page], "payment_modes": list(modes)}
    return setups.ProfileVersion(world.uid("profile"), number, profile)


def labels(world):
    return [page.label for page in world.till.catalogue.profile.pages]


def test_a_set_up_waits_for_the_sale_at_hand_and_is_there_after_a_restart(world, made):
    before = labels(world)
    world.seller()
    assert setting_up.take(world.till, made(version(world, 2, "Nouveau")))
    setting_up.apply_when_nobody_sells(world.till)
    assert labels(world) == before
    setting_up.apply(world.till)
    assert labels(world) == ["Nouveau"]
    world.reopen()
    assert labels(world) == ["Nouveau"]


def test_it_is_applied_at_once_when_nobody_sells(world, made, nobody_sells):
    setting_up.take(world.till, made(version(world, 2, "Nouveau")))
    setting_up.apply_when_nobody_sells(world.till)
    assert labels(world) == ["Nouveau"]
    assert world.till.catalogue.setup.endswith("/2")


@pytest.mark.parametrize("part", ["content", "signature", "public_key", "certificate"])
def test_an_altered_set_up_is_refused_and_the_last_good_one_goes_on(world, made, part, nobody_sells):
    setting_up.take(world.till, made(version(world, 1, "Bon")))
    setting_up.apply(world.till)
    bad = made(version(world, 2, "Altéré"))
    altered = bytearray(getattr(bad, part))
    altered[-1] ^= 1
    before = metrics.SETUPS_REFUSED.labels("SIGNATURE_INVALID")._value.get()
    bad = replace(bad, **{part: bytes(altered)})
    assert not setting_up.take(world.till, bad)
    assert not setting_up.take(world.till, bad), "counted and logged once"
    setting_up.apply(world.till)
    assert labels(world) == ["Bon"]
    assert setting_up.refused(world.till) == (setups.fingerprint(bad.content), "SIGNATURE_INVALID")
    assert metrics.SETUPS_REFUSED.labels("SIGNATURE_INVALID")._value.get() == before + 1
    setting_up.take(world.till, made(version(world, 3, "Encore")))
    assert setting_up.refused(world.till) == ("", ""), "a good one settles it"


def test_another_roots_set_up_and_another_tills_modes_are_refused(world, made):
    assert not setting_up.take(world.till, made(version(world, 2, "Faux"), root=titles.generate_key()))
    assert not setting_up.take(world.till, made(setups.TillModes(world.uid("other till"), 1, ("cash",))))
    assert setting_up.refused(world.till)[1] == "NOT_OURS"
    assert not kept.waits(world.till.database.read())


def test_a_rollback_forgets_what_still_waits(world, made):
    setting_up.take(world.till, made(version(world, 1, "Un")))
    setting_up.apply(world.till)
    setting_up.take(world.till, made(version(world, 2, "Deux")))
    setting_up.take(world.till, made(version(world, 1, "Un")))
    assert not kept.waits(world.till.database.read())
    assert labels(world) == ["Un"]


def test_a_till_s_own_payment_modes_stand_above_its_profile_s_and_end_when_none_is_named(world, made):
    """B2."""
    setting_up.take(world.till, made(version(world, 1, "Un")))
    setting_up.take(world.till, made(setups.TillModes(world.till_id, 1, ("cheque",))))
    setting_up.apply(world.till)
    assert world.till.catalogue.profile.payment_modes == ("cheque",)
    setting_up.take(world.till, made(setups.TillModes(world.till_id, 2, ())))
    setting_up.apply(world.till)
    assert world.till.catalogue.profile.payment_modes == ("cash", "card")


def test_the_till_tells_the_centre_what_it_runs_keeps_and_refused(world, centre, made):
    client = centre.client()
    world.seller()
    centre.setup = made(version(world, 2, "Nouveau"))
    sync.sync_setup(world.till, client)
    sync.sync_setup(world.till, client)
    assert (centre.told_setup.applied.number, centre.told_setup.waiting.number) == (0, 2)
    setting_up.apply(world.till)
    centre.setup = replace(made(version(world, 3, "Altéré")), signature=b"\0" * 64)
    sync.sync_setup(world.till, client)
    sync.sync_setup(world.till, client)
    told = centre.told_setup
    assert (told.applied.number, told.waiting.number) == (2, 0)
    assert (told.refused.fingerprint, told.refused.reason) == (
        setups.fingerprint(centre.setup.content), "SIGNATURE_INVALID",
    )  # fmt: skip
    assert labels(world) == ["Nouveau"]
