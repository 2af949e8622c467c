"""Rules of this repository that no general linter knows."""

import importlib
import pkgutil
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

ROOT = Path(__file__).parents[2]
SERVICES = ("accounts", "catalog", "inventory", "orders", "cashdesk", "documents", "reporting")
PACKAGES = [*sorted(path.parent for path in ROOT.glob("*/*/pyproject.toml")), ROOT / "suite"]


def tracked_files():
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, text=True, capture_output=True).stdout.split("\n")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def sources(service):
    return "\n".join(path.read_text() for path in (ROOT / "services" / service / "src").rglob("*.py"))


def test_no_file_holds_the_address_of_a_package_registry_or_of_this_machine():
    address = re.compile(r'pypi\.org|pythonhosted|registry\.npmjs|"resolved":|--index-url|--find-links')
    found = []
    for path in tracked_files():
        if path == Path(__file__) or path.suffix in (".png", ".ttf"):
            continue
        text = path.read_text(errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in [address.search(text)] if match]
    assert found == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_one_newest_migration(service):
    package = importlib.import_module(f"{service}.migrations")
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).parent))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(Path(package.__file__).parent / "versions"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_every_event_that_is_told_has_its_message_and_a_listener():
    """An event that nobody hears, or that nobody tells, is a mistake in a name."""
    subject = re.compile(r'"((?:accounts|catalog|inventory|orders|cashdesk)\.[a-z]+\.[a-z]+\.v1)"')
    told, heard = {}, {}
    for service in SERVICES:
        for name in set(subject.findall(sources(service))):
            (told if name.startswith(f"{service}.") else heard).setdefault(name, set()).add(service)
    for name in subject.findall((ROOT / "services/inventory/src/inventory/live/stream.py").read_text()):
        heard.setdefault(name, set()).add("inventory live")  # the one role that hears its own service
    only_for_people = {"inventory.lease.recalled.v1", "inventory.stock.low.v1"}
    assert set(told) - set(heard) == only_for_people
    assert set(heard) - set(told) == set()
    for name in told:
        service, noun, verb, _ = name.split(".")
        events = importlib.import_module(f"ticketing.{service}.v1.events_pb2")
        assert hasattr(events, noun.capitalize() + verb.capitalize()), name


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_a_package_says_its_version_and_what_changed_in_it(package):
    version = tomllib.loads((package / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (package / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_its_environment_in_its_configuration_only(service):
    reading = re.compile(r"os\.(environ|getenv)")
    root = ROOT / "services" / service / "src" / service
    allowed = {root / "main.py", root / "config.py"}
    assert [
        str(p.relative_to(root)) for p in root.rglob("*.py") if p not in allowed and reading.search(p.read_text())
    ] == []


def test_every_room_can_be_imported():
    """A module that cannot be imported alone hides a cycle."""
    for service in SERVICES:
        package = importlib.import_module(service)
        for module in pkgutil.walk_packages(package.__path__, f"{service}."):
            if ".versions" not in module.name:
                importlib.import_module(module.name)
