"""The chart rendered by the real Helm library, with the values of ci/."""

import copy
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tools"), str(HERE)]

from charts.helm import Obj, render  # noqa: E402
from scenarios import CHART, Render, merged, values_of  # noqa: E402


@pytest.fixture(scope="session")
def rendered() -> Render:
    """The objects of a scenario of ci/, its values changed by `changes`; free to be altered."""
    unchanged: dict[str, list[Obj]] = {}

    def make(scenario: str, **changes: Any) -> list[Obj]:
        if changes:
            return render(CHART, merged(values_of(scenario), changes))
        if scenario not in unchanged:
            unchanged[scenario] = render(CHART, values_of(scenario))
        return copy.deepcopy(unchanged[scenario])

    return make
