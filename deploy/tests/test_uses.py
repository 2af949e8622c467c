"""`uses` of the chart and the calls of the code are the same list."""

import re
from pathlib import Path

import pytest
import yaml
from scenarios import CHART

SERVICES = CHART.parents[2] / "services"
KNOWN = yaml.safe_load((CHART / "values.yaml").read_text())["services"]
NAMED = re.compile(r'\b(?:stub|channel)\(\s*"([a-z]+)"')


def called(folder: Path, *, web: bool) -> set[str]:
    """Services that the Python files below a service's package name in `core.channel("…")` or `stub("…", …)`."""
    files = [path for path in folder.rglob("*.py") if ("web" in path.relative_to(folder).parts) is web]
    return {name for path in files for name in NAMED.findall(path.read_text())}


@pytest.mark.parametrize("service", KNOWN)
def test_a_core_uses_what_its_code_calls(service: str) -> None:
    """Every core but accounts asks accounts for the keys of tokens (kit.core)."""
    keys = set() if service == "accounts" else {"accounts"}
    declared = (KNOWN[service].get("core") or {}).get("uses", [])
    assert set(declared) == called(SERVICES / service / "src" / service, web=False) | keys


@pytest.mark.parametrize("service", KNOWN)
def test_a_front_uses_what_its_pages_call(service: str) -> None:
    assert set(KNOWN[service]["web"]["uses"]) == called(SERVICES / service / "src" / service, web=True) | {"accounts"}
