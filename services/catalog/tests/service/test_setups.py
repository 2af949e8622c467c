"""Set-ups of tills: drafts that no till sees, signed versions that nothing changes, roll-outs in stages and back."""

import threading
import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

import setups
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb


def rid():
    return str(uuid.uuid4())


class Desk:
    """A profile with one page, two points of sale, and tills that ask what to run."""

    def __init__(self, stub, till_stub, root_public_key):
        self.stub, self._till_stub, self.root_public_key = stub, till_stub, root_public_key
        venue = stub.SaveVenue(pb.SaveVenueRequest(request_id=rid(), venue=nouns.Venue(name="M", zone="Europe/Paris")))
        show = nouns.Show(title="Visite", venue_id=venue.venue.id)
        self.show = stub.SaveShow(pb.SaveShowRequest(request_id=rid(), show=show)).show
        tariff = nouns.Tariff(name="Plein", kind=1, rank=1)
        self.tariff = stub.SaveTariff(pb.SaveTariffRequest(request_id=rid(), tariff=tariff)).tariff
        page = nouns.Page(id="p1", label="Rapide", kind=1, keys=[self.key("k1", "Plein")])
        profile = nouns.TillProfile(name="Accueil", pages=[page], payment_modes=["cash", "card"])
        request = pb.SaveTillProfileRequest(request_id=rid(), till_profile=profile)
        self.profile = stub.SaveTillProfile(request).till_profile
        self.points = [self._point(venue.venue.id, name) for name in ("Hall", "Jardin")]
        self.tills = {}

    def _point(self, venue_id, name):
        point = nouns.PointOfSale(name=name, venue_id=venue_id, till_profile_id=self.profile.id)
        request = pb.SavePointOfSaleRequest(request_id=rid(), point_of_sale=point)
        return self.stub.SavePointOfSale(request).point_of_sale.id

    def key(self, id, label):
        item = nouns.KeyItem(show_id=self.show.id, tariff_id=self.tariff.id, quantity=1)
        return nouns.Key(id=id, label=label, items=[item])

    def draft(self):
        return self.stub.GetTillDraft(pb.GetTillDraftRequest(till_profile_id=self.profile.id))

    def change(self, label, **others):
        """Keep a draft whose first key bears this label; its revision."""
        known = self.draft()
        known.draft.pages[0].keys[0].label = label
        for name, value in others.items():
            known.draft.ClearField(name)
            getattr(known.draft, name).extend(value)
        return self.stub.SaveTillDraft(
            pb.SaveTillDraftRequest(request_id=rid(), draft=known.draft, known_revision=known.revision)
        ).revision

    def publish(self, revision=None, comment=""):
        known = self.draft().revision if revision is None else revision
        return self.stub.PublishTillSetup(
            pb.PublishTillSetupRequest(
                request_id=rid(), till_profile_id=self.profile.id, known_revision=known, comment=comment
            )
        )

    def published(self, label):
        self.change(label)
        return self.publish().version.number

    def roll_out(self, number, tills=(), points=()):
        request = pb.RollOutTillSetupRequest(
            request_id=rid(), till_profile_id=self.profile.id, number=number,
            till_ids=[self.id_of(till) for till in tills], point_of_sale_ids=points,
        )  # fmt: skip
        return self.stub.RollOutTillSetup(request).rollout

    def id_of(self, till):
        return self.tills.setdefault(till, rid())

    def ask(self, till, point=0, **said):
        """What the centre sends this till; the till's id and place come from its token."""
        stub = self._till_stub(self.id_of(till), till, self.points[point])
        return stub.SyncTillSetup(pb.SyncTillSetupRequest(till_id=self.id_of(till), **said))

    def runs(self, till, number):
        return {"applied": nouns.SetupApplied(till_profile_id=self.profile.id, number=number)}

    def number_for(self, till, point=0):
        answer = self.ask(till, point)
        if not answer.HasField("setup"):
            return 0
        return self.read(answer.setup).number

    def read(self, signed):
        signed = setups.Signed(signed.content, signed.signature, signed.public_key, signed.certificate)
        return setups.verify(signed, self.root_public_key)

    def state_of(self, till):
        listed = self.stub.ListTillSetups(pb.ListTillSetupsRequest(till_profile_id=self.profile.id))
        return next(state for state in listed.tills if state.till_id == self.id_of(till))

    def versions(self):
        return self.stub.ListTillSetups(pb.ListTillSetupsRequest(till_profile_id=self.profile.id)).versions


@pytest.fixture
def desk(stub, till_stub, root_public_key):
    return Desk(stub, till_stub, root_public_key)


def test_a_draft_reaches_no_till_and_its_publication_keeps_what_ran_before(desk):
    """B9. The first publication keeps what the tills ran, for all of them, and the change, for none yet."""
    desk.change("Adulte")
    assert desk.number_for("T1") == 0
    version = desk.publish(comment="Adulte, not Plein").version
    assert (version.number, version.published_by, version.comment) == (2, "Anna", "Adulte, not Plein")
    assert [each.number for each in desk.versions()] == [2, 1]
    first = desk.read(desk.ask("T1").setup)
    assert (first.number, first.profile["pages"][0]["keys"][0]["label"]) == (1, "Plein")


def test_stages_reach_chosen_tills_then_a_point_of_sale_then_all_and_one_act_goes_back(desk):
    """B9."""
    second = desk.published("Adulte")
    desk.roll_out(second, tills=["T1"])
    assert [desk.number_for("T1"), desk.number_for("T2"), desk.number_for("T3", point=1)] == [2, 1, 1]
    desk.roll_out(second, points=[desk.points[0]])
    assert [desk.number_for("T1"), desk.number_for("T2"), desk.number_for("T3", point=1)] == [2, 2, 1]
    desk.roll_out(second)
    assert desk.number_for("T3", point=1) == 2
    desk.roll_out(1)
    assert [desk.number_for("T1"), desk.number_for("T2"), desk.number_for("T3", point=1)] == [1, 1, 1]


def test_a_till_is_told_once_and_the_centre_knows_what_it_runs(desk):
    second = desk.published("Adulte")
    desk.roll_out(second)
    assert desk.number_for("T1") == 2
    waiting = nouns.SetupApplied(till_profile_id=desk.profile.id, number=2)
    assert not desk.ask("T1", waiting=waiting).HasField("setup")
    assert (desk.state_of("T1").asked_number, desk.state_of("T1").waiting_number) == (2, 2)
    assert not desk.ask("T1", **desk.runs("T1", 2)).HasField("setup")
    state = desk.state_of("T1")
    assert (state.till_number, state.applied_number, state.waiting_number) == ("T1", 2, 0)


def test_a_version_that_waits_at_a_till_is_called_back_by_a_rollback(desk):
    second = desk.published("Adulte")
    desk.roll_out(second)
    waiting = nouns.SetupApplied(till_profile_id=desk.profile.id, number=2)
    desk.roll_out(1)
    assert desk.read(desk.ask("T1", waiting=waiting, **desk.runs("T1", 1)).setup).number == 1


def test_what_a_till_refused_is_shown_and_not_sent_again(desk):
    second = desk.published("Adulte")
    desk.roll_out(second)
    fingerprint = desk.versions()[0].fingerprint
    refused = nouns.SetupRefusal(fingerprint=fingerprint, reason="SIGNATURE_INVALID")
    assert not desk.ask("T1", refused=refused, **desk.runs("T1", 1)).HasField("setup")
    state = desk.state_of("T1")
    assert (state.applied_number, state.refused_number, state.refused_reason) == (1, 2, "SIGNATURE_INVALID")
    altered = nouns.SetupRefusal(fingerprint="0" * 64, reason="SIGNATURE_INVALID")
    assert desk.ask("T1", refused=altered).HasField("setup"), "bytes that changed on their way are sent again"


def test_of_two_managers_who_publish_at_once_one_is_first(desk, refused):
    revision = desk.change("Adulte")
    outcomes = []

    def publish():
        try:
            outcomes.append(desk.publish(revision).version.number)
        except Exception as error:
            outcomes.append(error.code().name)

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["2", *["FAILED_PRECONDITION"] * 3]
    assert [each.number for each in desk.versions()] == [2, 1]
    request = pb.PublishTillSetupRequest(request_id=rid(), till_profile_id=desk.profile.id, known_revision=revision)
    assert refused(desk.stub.PublishTillSetup, request).reason == "TILL_SETUP_UNCHANGED"


def test_a_draft_that_somebody_else_changed_is_not_overwritten_nor_published(desk, refused):
    before = desk.draft()
    revision = desk.change("Adulte")
    late = pb.SaveTillDraftRequest(request_id=rid(), draft=before.draft, known_revision=before.revision)
    refusal = refused(desk.stub.SaveTillDraft, late)
    assert (refusal.reason, refusal.facts["revision"]) == ("TILL_DRAFT_CHANGED", str(revision))
    blind = pb.PublishTillSetupRequest(request_id=rid(), till_profile_id=desk.profile.id)
    assert refused(desk.stub.PublishTillSetup, blind).reason == "TILL_DRAFT_CHANGED"


def test_every_fault_is_told_by_its_place_and_nothing_is_kept(desk):
    """B6."""
    pages = [
        nouns.Page(id="p1", label="Rapide", kind=1, keys=[desk.key("k1", "Plein"), nouns.Key(id="k1", label="Rien")]),
        nouns.Page(id="p1", label="Vide", kind=1),
    ]
    desk.tariff.archived = True
    desk.stub.SaveTariff(pb.SaveTariffRequest(request_id=rid(), tariff=desk.tariff))
    known = desk.draft()
    draft = nouns.TillProfile(id=desk.profile.id, name="Accueil", pages=pages)
    desk.stub.SaveTillDraft(pb.SaveTillDraftRequest(request_id=rid(), draft=draft, known_revision=known.revision))
    answer = desk.publish()
    assert {(fault.path, fault.reason) for fault in answer.faults} == {
        ("payment_modes", "MODE_MISSING"), ("pages[1]", "ID_TWICE"), ("pages[1]", "PAGE_EMPTY"),
        ("pages[0].keys[0]", "ARCHIVED"), ("pages[0].keys[1]", "KEY_EMPTY"), ("pages[0].keys[1]", "ID_TWICE"),
    }  # fmt: skip
    assert not answer.HasField("version")
    assert not desk.versions()


def comfort(desk):
    """All that a profile says beyond keys and payments."""
    calendar = nouns.Page(
        id="p2", label="Dates", kind=4, colour="#7a1f3d", show_ids=[desk.show.id], cashier_profiles=["cashier"],
        cashier_ids=[rid()],
    )  # fmt: skip
    message = nouns.SellerMessage(
        id="m1", text="Vérifier les cartes", moment=2, tariff_ids=[desk.tariff.id], till_ids=[rid()], every_sale=True
    )
    getattr(message, "from").FromSeconds(1_780_000_000)
    message.until.FromSeconds(1_790_000_000)
    plain = nouns.SellerMessage(id="m2", text="Bonjour", moment=1)
    question = nouns.SurveyQuestion(id="q1", text="Comment ?", kind=1, choices=["Presse", "Ami"], mandatory=True)
    codes = [nouns.KeyCode(code="F5", key_id="k1"), nouns.KeyCode(code="Ctrl+KeyP", action="pay:cash"),
             nouns.KeyCode(code="F7", action="page:p2"), nouns.KeyCode(code="F8", action="lock")]  # fmt: skip
    return {"pages": [calendar], "messages": [message, plain], "questions": [question], "key_codes": codes}


def test_calendars_messages_questions_and_codes_are_kept_published_and_rolled_out(desk):
    """A4, B3, B4, B5, B7, C7: word for word, in the draft, in the signed version, and in the profile of new tills."""
    wanted = comfort(desk)
    known = desk.draft()
    for name, things in wanted.items():
        getattr(known.draft, name).extend(things)
    request = pb.SaveTillDraftRequest(request_id=rid(), draft=known.draft, known_revision=known.revision)
    desk.stub.SaveTillDraft(request)
    number = desk.publish().version.number
    assert number == 2
    desk.roll_out(number)
    signed = desk.read(desk.ask("T1").setup).profile
    assert signed["pages"][1]["kind"] == "PAGE_KIND_CALENDAR"
    assert signed["messages"][0]["from"] == "2026-05-28T20:26:40Z"
    assert [each["code"] for each in signed["key_codes"]] == ["F5", "Ctrl+KeyP", "F7", "F8"]
    (kept,) = (
        each for each in desk.stub.GetProgramme(pb.GetProgrammeRequest()).till_profiles if each.id == desk.profile.id
    )
    assert list(kept.pages[1:]) == wanted["pages"]
    assert [list(kept.messages), list(kept.questions), list(kept.key_codes)] == [
        wanted["messages"], wanted["questions"], wanted["key_codes"]
    ]  # fmt: skip


def test_what_a_profile_from_before_says_is_spelled_as_it_was(desk):
    """A version published by the release before has the bytes that this one would sign: nothing changed for nobody."""
    desk.roll_out(desk.published("Adulte"))
    (profile,) = (each.profile for each in [desk.read(desk.ask("T1").setup)] if isinstance(each, setups.ProfileVersion))
    assert set(profile) == {"id", "name", "pages", "payment_modes"}
    assert set(profile["pages"][0]) == {"id", "label", "kind", "keys"}


def test_each_fault_of_messages_questions_and_codes_is_told_by_its_place(desk):
    desk.tariff.archived = True
    desk.stub.SaveTariff(pb.SaveTariffRequest(request_id=rid(), tariff=desk.tariff))
    wanted = comfort(desk)
    never = nouns.SellerMessage(id="m1", text="Jamais", moment=1)
    getattr(never, "from").FromSeconds(1_790_000_000)
    never.until.FromSeconds(1_780_000_000)
    wanted["messages"].append(never)
    wanted["questions"].append(nouns.SurveyQuestion(id="q2", text="Laquelle ?", kind=1, choices=["Une", "Une"]))
    wanted["key_codes"] += [
        nouns.KeyCode(code="F5", action="confirm"), nouns.KeyCode(code="F9", key_id="gone"),
        nouns.KeyCode(code="F10", action="pay:voucher"), nouns.KeyCode(code="F11", action="page:gone"),
    ]  # fmt: skip
    known = desk.draft()
    del known.draft.pages[:]
    known.draft.pages.add(id="p0", label="Séances", kind=2)
    for name, things in wanted.items():
        getattr(known.draft, name).extend(things)
    request = pb.SaveTillDraftRequest(request_id=rid(), draft=known.draft, known_revision=known.revision)
    desk.stub.SaveTillDraft(request)
    assert {(fault.path, fault.reason) for fault in desk.publish().faults} == {
        ("messages[0]", "ARCHIVED"), ("messages[2]", "ID_TWICE"), ("messages[2]", "NEVER_SHOWN"),
        ("questions[1]", "CHOICES_MISSING"), ("key_codes[0]", "TARGET_UNKNOWN"), ("key_codes[4]", "CODE_TWICE"),
        ("key_codes[5]", "TARGET_UNKNOWN"), ("key_codes[6]", "TARGET_UNKNOWN"), ("key_codes[7]", "TARGET_UNKNOWN"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("part", "thing", "field"),
    [
        ("messages", nouns.SellerMessage(id="m", moment=1), "draft.messages[0].text"),
        ("messages", nouns.SellerMessage(id="m", text="x"), "draft.messages[0].moment"),
        ("messages", nouns.SellerMessage(id="m", text="x" * 501, moment=1), "draft.messages[0].text"),
        ("questions", nouns.SurveyQuestion(id="q", text="x"), "draft.questions[0].kind"),
        ("key_codes", nouns.KeyCode(code="F5"), "draft.key_codes[0]"),
        ("key_codes", nouns.KeyCode(code="F5", action="explode"), "draft.key_codes[0].action"),
    ],
)
def test_what_no_till_could_read_is_not_even_kept_as_a_draft(desk, refused, part, thing, field):
    known = desk.draft()
    getattr(known.draft, part).append(thing)
    request = pb.SaveTillDraftRequest(request_id=rid(), draft=known.draft, known_revision=known.revision)
    refusal = refused(desk.stub.SaveTillDraft, request)
    assert (refusal.reason, refusal.facts["field"]) == ("FIELD_INVALID", field)


def test_a_set_up_that_no_till_could_take_is_a_fault_and_not_a_failure(desk):
    known = desk.draft()
    keys = [desk.key("", "é" * 40) for _ in range(200)]
    for number, page in enumerate(known.draft.pages.add(label="Grande", kind=1) for _ in range(45)):
        page.id = f"page {number}"
        page.keys.extend(keys)
        for at, key in enumerate(page.keys):
            key.id = f"{number}.{at}"
            key.items.extend(list(key.items))
    request = pb.SaveTillDraftRequest(request_id=rid(), draft=known.draft, known_revision=known.revision)
    desk.stub.SaveTillDraft(request)
    assert [(fault.path, fault.reason) for fault in desk.publish().faults] == [("pages", "TOO_LARGE")]


@pytest.mark.parametrize("statement", [
    "UPDATE till_setups SET comment = 'x' WHERE till_profile_id = :id",
    "DELETE FROM till_setups WHERE till_profile_id = :id",
    "UPDATE till_rollouts SET number = 2 WHERE till_profile_id = :id",
    "DELETE FROM till_rollouts WHERE till_profile_id = :id",
])  # fmt: skip
def test_the_database_itself_refuses_to_change_what_was_published(desk, sessions, statement):
    desk.published("Adulte")
    with sessions() as session, pytest.raises(IntegrityError, match="never change"):
        session.execute(text(statement), {"id": desk.profile.id})


def test_once_published_a_profile_is_changed_by_versions_alone(desk, refused):
    desk.published("Adulte")
    request = pb.SaveTillProfileRequest(request_id=rid(), till_profile=desk.profile)
    assert refused(desk.stub.SaveTillProfile, request).reason == "TILL_SETUP_PUBLISHED"


def test_a_later_till_and_one_of_an_older_release_start_from_what_all_run(desk):
    second = desk.published("Adulte")
    desk.roll_out(second)
    request = pb.GetTillSnapshotRequest(point_of_sale_id=desk.points[0])
    profiles = {each.id: each for each in desk.stub.GetTillSnapshot(request).till_profiles}
    assert profiles[desk.profile.id].pages[0].keys[0].label == "Adulte"


def test_payment_modes_of_one_till_change_that_till_alone(desk, refused):
    """B2."""
    request = pb.SetTillModesRequest(request_id=rid(), till_id=desk.id_of("T1"), payment_modes=["cheque"])
    assert refused(desk.stub.SetTillModes, request).reason == "TILL_NOT_SEEN"
    desk.ask("T1")
    desk.ask("T2")
    desk.stub.SetTillModes(request)
    own = desk.read(desk.ask("T1").modes)
    assert (own.id, own.number, own.payment_modes) == (desk.id_of("T1"), 1, ("cheque",))
    assert not desk.ask("T1", modes_number=1).HasField("modes")
    assert not desk.ask("T2").HasField("modes")
    assert list(desk.state_of("T1").payment_modes) == ["cheque"]


def test_rights_are_checked_in_the_core(desk, stub_with, refused):
    """M4."""
    viewer = stub_with("catalog.view")
    profile = {"till_profile_id": desk.profile.id}
    for method, request in (
        (viewer.GetTillDraft, pb.GetTillDraftRequest(**profile)),
        (viewer.PublishTillSetup, pb.PublishTillSetupRequest(request_id=rid(), **profile)),
        (viewer.RollOutTillSetup, pb.RollOutTillSetupRequest(request_id=rid(), number=1, **profile)),
        (viewer.SetTillModes, pb.SetTillModesRequest(request_id=rid(), till_id=rid())),
        (viewer.SyncTillSetup, pb.SyncTillSetupRequest(till_id=rid(), point_of_sale_id=desk.points[0])),
    ):
        assert refused(method, request).kind.name == "FORBIDDEN"
