"""The rendered chart running as containers: once for all tests of this folder."""

import copy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).resolve().parent
CHART = HERE.parent / "helm" / "ticketing"
sys.path[:0] = [str(HERE.parent / "tools"), str(HERE)]

from charts.cluster import Cluster  # noqa: E402
from charts.helm import load_values, render  # noqa: E402
from till import until  # noqa: E402

from suite import databases  # noqa: E402
from suite.machine import SERVICES  # noqa: E402

START_SECONDS = 300  # two cores start some twenty processes
Render = Callable[..., list[dict[str, Any]]]


def beside(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((HERE / name).read_text()))


@pytest.fixture(scope="session")
def rendered() -> Render:
    """The chart with the values of ci/suite-values.yaml, changed by `changes`."""

    def make(**changes: Any) -> list[dict[str, Any]]:
        values = load_values([CHART / "ci" / "suite-values.yaml"])
        return render(CHART, _merged(values, changes))

    return make


@pytest.fixture(scope="session")
def cluster(rendered: Render) -> Iterator[Cluster]:
    servers = beside("beside.yaml")
    with Cluster(timeout=START_SECONDS) as running:
        running.install(servers)
        postgres = running.of_owner("postgres")[0]
        admin = f"postgresql://postgres:ci@{postgres.ip}:5432/postgres"
        until(lambda: answers(admin))
        for service in SERVICES:
            databases.create(admin, service, service, "ci", "ci")
        running.install([*servers, *rendered(), *beside("box_office.yaml")])
        yield running


def answers(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def box_office(cluster: Cluster) -> Callable[..., dict[str, Any]]:
    """Runs a command of box_office.py in its pod; its answer."""
    script = (HERE / "box_office.py").read_text()

    def run(*words: str) -> dict[str, Any]:
        said = cluster.exec("box-office", "python", "-", *words, stdin=script)
        answer: dict[str, Any] = yaml.safe_load(said.splitlines()[-1])
        return answer

    return run


@pytest.fixture(scope="session")
def filled(box_office: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return box_office("fill")


@pytest.fixture(scope="session")
def order(box_office: Callable[..., dict[str, Any]], filled: dict[str, Any]) -> dict[str, Any]:
    return box_office("sell")


def _merged(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = copy.deepcopy(values)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged
