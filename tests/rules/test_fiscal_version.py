"""A release that touches journal, chain, closing or archive bears a higher fiscal version (LAW-8, LAW-1 to LAW-9)."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from suite import fiscal

ROOT = Path(__file__).parents[2]
PACK = ROOT / "docs" / "conformity" / "README.md"


def test_the_fiscal_version_rose_with_what_the_law_is_about():
    assert fiscal.fault() == ""


def test_every_fiscal_path_exists():
    """A file that was moved must not slip out of the guard."""
    assert [path for path in fiscal.FISCAL_PATHS if not (ROOT / path).exists()] == []


@pytest.fixture
def released(tmp_path):
    """A repository whose release v1.0.0 bears fiscal version 1.1."""

    def git(*arguments: str) -> None:
        author = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *author, *arguments], cwd=tmp_path, check=True, capture_output=True)

    def write(path: str, text: str) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
        git("add", "-A")
        git("commit", "-m", path)

    git("init", "-b", "main")
    write(fiscal.VERSION_FILE, 'FISCAL_VERSION = "1.1"\n')
    write("libs/ledger/src/ledger/chain.py", "first = 1\n")
    git("tag", "v1.0.0")
    return tmp_path, write


def test_a_change_of_the_chain_without_a_higher_version_is_refused(released):
    root, write = released
    write("libs/ledger/src/ledger/chain.py", "first = 2\n")
    assert "chain.py" in fiscal.fault(root)
    write(fiscal.VERSION_FILE, 'FISCAL_VERSION = "1.0"\n')
    assert "still 1.0" in fiscal.fault(root)
    write(fiscal.VERSION_FILE, 'FISCAL_VERSION = "1.2"\n')
    assert fiscal.fault(root) == ""


def test_a_change_elsewhere_asks_for_nothing(released):
    root, write = released
    write("web/src/colours.css", "a {}\n")
    assert fiscal.fault(root) == ""


def test_every_law_of_the_pack_names_tests_that_exist():
    """docs/conformity/README.md: `path::test_name`."""
    named = re.findall(r"`([\w/.-]+\.py)::(test_\w+)`", PACK.read_text())
    assert len(named) > 20
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text())
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, f"{path}::{name}"


@pytest.mark.parametrize("law", [f"LAW-{number}" for number in range(1, 10)])
def test_each_law_of_tills_stands_in_the_pack(law):
    assert f"### {law} " in PACK.read_text()
