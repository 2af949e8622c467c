"""Generates the Python stubs of protos/ and compares contracts: `python suite/src/suite/protos.py generate|check`.

Runs before anything of ours is installed: the standard library and grpc_tools only.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROTOS = ROOT / "protos"
STUBS = ROOT / "libs" / "protos" / "src" / "ticketing"


def generate() -> int:
    """Replace libs/protos/src/ticketing by what protos/ says now."""
    from grpc_tools import protoc

    contracts = sorted(str(path) for path in PROTOS.rglob("*.proto"))
    if not contracts:
        print(f"no contract under {PROTOS}", file=sys.stderr)
        return 1
    STUBS.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STUBS.parent) as fresh:
        includes = [f"--proto_path={PROTOS}", f"--proto_path={Path(protoc.__file__).parent / '_proto'}"]
        includes += [f"--proto_path={path}" for path in _google_apis()]
        outputs = [f"--python_out={fresh}", f"--pyi_out={fresh}", f"--grpc_python_out={fresh}"]
        if code := protoc.main(["protoc", *includes, *outputs, *contracts]):
            return int(code)
        made = Path(fresh) / "ticketing"
        for folder in (made, *(path for path in made.rglob("*") if path.is_dir())):
            (folder / "__init__.py").write_text('"""Generated from protos/ by `make proto`."""\n')
        (made / "py.typed").touch()
        shutil.rmtree(STUBS, ignore_errors=True)
        made.rename(STUBS)
    print(f"generated the stubs of {len(contracts)} contracts")
    return 0


def check() -> int:
    """buf breaking (WIRE_JSON, said in buf.yaml) against the last released tag, or main, or nothing yet."""
    against = _last_release() or _main()
    if against is None:
        print("proto-check: nothing released and no earlier commit with contracts: nothing to compare with")
        return 0
    with tempfile.TemporaryDirectory() as earlier:
        archive = subprocess.run(["git", "archive", against, "protos"], cwd=ROOT, capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", earlier], input=archive.stdout, check=True)
        buf = Path(sys.executable).with_name("buf")
        compared = subprocess.run([buf, "breaking", PROTOS, "--against", f"{earlier}/protos"], cwd=ROOT)
    print(f"proto-check: contracts {'break' if compared.returncode else 'keep'} those of {against}")
    return compared.returncode


def _last_release() -> str | None:
    tags = _git("tag", "--list", "v[0-9]*", "--sort=-version:refname", "--merged", "HEAD")
    return next((tag for tag in tags.split() if _has_contracts(tag)), None)


def _main() -> str | None:
    """main; on main itself, what the contracts were before they were last changed."""
    for branch in ("origin/main", "main"):
        if _has_contracts(branch):
            return branch if _git("rev-parse", branch) != _git("rev-parse", "HEAD") else _before_the_last_change()
    return None


def _before_the_last_change() -> str | None:
    last = _git("log", "-1", "--format=%h", "--", "protos")
    return f"{last}^" if last and _has_contracts(f"{last}^") else None


def _has_contracts(commit: str) -> bool:
    return bool(_git("ls-tree", "-r", "--name-only", commit, "--", "protos/ticketing"))


def _git(*arguments: str) -> str:
    """What git prints; nothing where there is no repository or no such commit."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()


def _google_apis() -> list[Path]:
    """google/rpc/*.proto come with googleapis-common-protos."""
    import google.rpc

    return [Path(folder).parents[1] for folder in google.rpc.__path__]


if __name__ == "__main__":
    wanted = {"generate": generate, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in wanted:
        sys.exit(__doc__)
    sys.exit(wanted[sys.argv[1]]())
