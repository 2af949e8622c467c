"""Answers of customers as counts (B4)."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from reporting.domain import Filter, SurveyAnswer, SurveyQuestion


class Said(NamedTuple):
    """One way in which a question was answered; `answer` is empty where the customer said nothing."""

    business_on: date
    question_id: str
    question: str
    kind: str
    answer: str
    show_ids: tuple[str, ...]  # in order


_ADD = text(
    "INSERT INTO survey_counts (business_on, question_id, question, kind, answer, show_ids, count)"
    " VALUES (:business_on, :question_id, :question, :kind, :answer, :show_ids, :count)"
    " ON CONFLICT (business_on, question_id, question, kind, answer, show_ids)"
    " DO UPDATE SET count = survey_counts.count + excluded.count"
)


def add(session: Session, counts: Mapping[Said, int]) -> None:
    """Count so many more of each."""
    rows = [
        said._asdict() | {"show_ids": list(said.show_ids), "count": count} for said, count in sorted(counts.items())
    ]
    if rows:
        session.execute(_ADD, rows)


def read(session: Session, chosen: Filter) -> tuple[SurveyQuestion, ...]:
    """Each question in its newest words, with its answers, the most frequent first."""
    where = ["true"]
    if chosen.from_on:
        where.append("business_on >= :from_on")
    if chosen.to_on:
        where.append("business_on <= :to_on")
    if chosen.show_id:
        where.append(":show_id = ANY(show_ids)")
    given = {name: getattr(chosen, name) for name in ("from_on", "to_on", "show_id") if getattr(chosen, name)}
    rows = session.execute(
        text(
            "SELECT question_id, kind, answer, sum(count)::bigint, max(business_on),"  # noqa: S608 - our own conditions
            " (array_agg(question ORDER BY business_on DESC))[1]"
            f" FROM survey_counts WHERE {' AND '.join(where)} GROUP BY question_id, kind, answer"
            " ORDER BY 4 DESC, answer"
        ),
        given,
    ).all()
    answers: dict[tuple[str, str], list[SurveyAnswer]] = {}
    newest: dict[tuple[str, str], tuple[date, str]] = {}
    silent: dict[tuple[str, str], int] = {}
    for question_id, kind, answer, count, day, question in rows:
        key = (question_id, kind)
        newest[key] = max(newest.get(key, (day, question)), (day, question))
        answers.setdefault(key, [])
        if answer:
            answers[key].append(SurveyAnswer(answer, count))
        else:
            silent[key] = count
    return tuple(
        SurveyQuestion(key[0], newest[key][1], key[1], silent.get(key, 0), tuple(answers[key]))
        for key in sorted(answers, key=lambda key: (newest[key][1], key))
    )


def shows(session: Session, chosen: Filter) -> list[tuple[str, str]]:
    """Shows that answers of these days are about, as (id, title)."""
    rows = session.execute(
        text(
            "SELECT DISTINCT s.id, coalesce(h.title, s.id) FROM survey_counts, unnest(show_ids) AS s(id)"
            " LEFT JOIN shows h ON h.show_id = s.id"
            " WHERE business_on BETWEEN coalesce(:from_on, business_on) AND coalesce(:to_on, business_on) ORDER BY 2, 1"
        ),
        {"from_on": chosen.from_on, "to_on": chosen.to_on},
    )
    return [(id, title) for id, title in rows]
