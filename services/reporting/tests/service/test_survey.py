"""B4: what customers said, as counts that lead back to nobody."""

import uuid

from kit.consumer import Event
from reporting.consumers import survey_answered
from ticketing.cashdesk.v1 import events_pb2 as cashdesk
from ticketing.reporting.v1 import reporting_service_pb2 as pb

from ..conftest import DAY, NOON, Core, day, performance


def said(
    postcode: str = "", how: str = "", day_: str = DAY, shows: tuple[str, ...] = ("play",), words: str = "Comment ?"
):
    answers = [
        cashdesk.SurveyAnswer(question_id="q1", question="Code postal ?", kind="postcode", answer=postcode),
        cashdesk.SurveyAnswer(question_id="q2", question=words, kind="choice", answer=how),
    ]
    return cashdesk.SurveyAnswered(business_on=day_, show_ids=shows, answers=answers)


def survey(core: Core, **chosen: str) -> pb.GetSurveyResponse:
    return core.manager.GetSurvey(pb.GetSurveyRequest(filter=day(**chosen)))


def counts(core: Core, **chosen: str) -> dict[str, list[tuple[str, int]]]:
    return {each.question: [(a.answer, a.count) for a in each.answers] for each in survey(core, **chosen).questions}


def test_answers_are_counted_by_question_the_most_frequent_first(core: Core) -> None:
    core.tell(said("75011", "Presse"), said("75011", "Ami"), said("59000", "Ami"), said("", "Ami"))
    assert counts(core) == {"Code postal ?": [("75011", 2), ("59000", 1)], "Comment ?": [("Ami", 3), ("Presse", 1)]}
    postcode, how = survey(core).questions
    assert [(each.asked, each.answered) for each in (postcode, how)] == [(4, 3), (4, 4)]


def test_days_and_shows_narrow_them_and_a_sale_of_two_shows_counts_for_each(core: Core) -> None:
    core.tell(said("75011", day_="2026-11-22"), said("75012", shows=("tour", "play")), said("75013", shows=()))
    assert counts(core)["Code postal ?"] == [("75012", 1), ("75013", 1)]
    assert counts(core, from_on="2026-11-22")["Code postal ?"] == [("75011", 1), ("75012", 1), ("75013", 1)]
    for show in ("tour", "play"):
        assert counts(core, show_id=show)["Code postal ?"] == [("75012", 1)]


def test_a_question_in_other_words_is_the_same_one_in_its_newest_words(core: Core) -> None:
    core.tell(said(how="Ami", day_="2026-11-22"), said(how="Ami", words="Comment nous avez-vous connus ?"))
    assert counts(core, from_on="2026-11-22")["Comment nous avez-vous connus ?"] == [("Ami", 2)]


def test_no_row_is_one_customers(core: Core) -> None:
    core.tell(said("75011", "Ami"), said("75011", "Ami"))
    with core.engine.connect() as connection:
        columns = connection.exec_driver_sql("SELECT * FROM survey_counts").keys()
        rows = connection.exec_driver_sql("SELECT count(*) FROM survey_counts").scalar_one()
    assert set(columns) == {"business_on", "question_id", "question", "kind", "answer", "show_ids", "count"}
    assert rows == 2


def test_the_same_counts_are_in_the_file(core: Core) -> None:
    core.tell(said("75011", "=Ami"), said("", "=Ami"))
    file = core.export(pb.REPORT_SURVEY, pb.FILE_FORMAT_CSV)
    assert file.filename == f"enquete-{DAY}.csv"
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Question;Réponse;Nombre;Clients interrogés"
    assert "Code postal ?;75011;1;2" in lines
    assert "Code postal ?;(sans réponse);1;2" in lines
    assert not any(";=Ami" in line for line in lines), "no answer can become a formula"
    assert core.export(pb.REPORT_SURVEY, pb.FILE_FORMAT_XLSX).content.startswith(b"PK")


def test_titles_of_shows_are_told_with_them(core: Core) -> None:
    core.tell(performance("p1", "play", "Cyrano", NOON), said("75011"))
    assert [(show.id, show.title) for show in survey(core).shows] == [("play", "Cyrano")]


def test_a_batch_of_a_thousand_answers_is_counted_in_one_go(core: Core) -> None:
    events = [Event(uuid.uuid4(), "", said(f"{75000 + n % 20}", "Ami"), NOON.isoformat()) for n in range(1000)]
    with core.sessions.begin() as session:
        survey_answered(session, events)
    assert sum(count for _, count in counts(core)["Code postal ?"]) == 1000
