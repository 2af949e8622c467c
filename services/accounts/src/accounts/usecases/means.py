"""What the use cases work with, made once by main."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from accounts.certificates import Root
from accounts.throttle import Throttle
from accounts.token_keys import TokenKeys
from accounts.vault import Vault
from kit.requests import earlier_answer, remember

Answer = TypeVar("Answer", bound=Message)


@dataclass(frozen=True)
class Means:
    sessions: sessionmaker[Session]
    throttle: Throttle
    token_keys: TokenKeys
    vault: Vault
    root: Root


def once(
    sessions: sessionmaker[Session], request: Message, answer_type: type[Answer], work: Callable[[Session], Answer]
) -> Answer:
    """Do the work and keep its answer in one transaction; a repeated request is given the first answer.

    A twin that ran at the same moment makes one of them fail on a key: it starts over, and finds the answer. Raises
    IntegrityError when it fails again, for a key that somebody else's work has taken.
    """
    try:
        return _once(sessions, request, answer_type, work)
    except IntegrityError:
        return _once(sessions, request, answer_type, work)


def is_taken(error: IntegrityError, constraint: str) -> bool:
    """Whether it is this key of the schema that was taken."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None) == constraint


def _once(
    sessions: sessionmaker[Session], request: Message, answer_type: type[Answer], work: Callable[[Session], Answer]
) -> Answer:
    with sessions.begin() as session:
        answer = earlier_answer(session, request, answer_type)
        if answer is None:
            answer = work(session)
            remember(session, request, answer)
        return answer
