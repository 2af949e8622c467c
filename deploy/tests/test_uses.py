"""`uses` of the chart and the calls of the code are the same list."""

import re
from pathlib import Path

import pytest
import yaml
from scenarios import CHART

SERVICES = CHART.parents[2] / "services"
KNOWN = yaml.safe_load((CHART / "values.yaml").read_text())["services"]
NAMED = re.compile(r'\b(?:stub|channel)\(\s*"([a-z]+)"')


def called(folder: Path, role: str) -> set[str]:
    """Services that the files of a role name in `channel("…")` or `stub("…", …)`; live and web have a room each."""
    rooms = {
        path: next((part for part in path.relative_to(folder).parts if part in ("live", "web")), "core")
        for path in folder.rglob("*.py")
    }
    files = [path for path, room in rooms.items() if room == role]
    return {name for path in files for name in NAMED.findall(path.read_text())}


@pytest.mark.parametrize("service", KNOWN)
def test_a_core_uses_what_its_code_calls(service: str) -> None:
    """Every core but accounts asks accounts for the keys of tokens (kit.core)."""
    keys = set() if service == "accounts" else {"accounts"}
    declared = (KNOWN[service].get("core") or {}).get("uses", [])
    assert set(declared) == called(SERVICES / service / "src" / service, "core") | keys


@pytest.mark.parametrize("service", KNOWN)
def test_a_front_uses_what_its_pages_call(service: str) -> None:
    assert set(KNOWN[service]["web"]["uses"]) == called(SERVICES / service / "src" / service, "web") | {"accounts"}


def test_the_live_gateway_uses_what_it_is_configured_with() -> None:
    config = (SERVICES / "inventory" / "src" / "inventory" / "live" / "config.py").read_text()
    assert set(KNOWN["inventory"]["live"]["uses"]) == {
        name.lower() for name in re.findall(r'"INVENTORY_([A-Z]+)_TARGET"', config)
    }
