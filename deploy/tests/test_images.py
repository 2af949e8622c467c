"""One Dockerfile per service, all of one text: their layers are shared, and none runs as root."""

from pathlib import Path

import pytest
from scenarios import CHART, DEPLOY

SERVICES = CHART.parents[2] / "services"
NAMES = sorted(path.parent.name for path in SERVICES.glob("*/pyproject.toml"))


def dockerfile(name: str) -> str:
    return (SERVICES / name / "Dockerfile").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_services_dockerfile_differs_by_its_name_only(name: str) -> None:
    """Layers are shared as long as the text above a service's own is the same to the byte."""
    plain = dockerfile("orders").replace("orders", name).replace(f'"{name}.main"', f'"{name.replace("-", "_")}.main"')
    role = "web" if name == "device-gateway" else "core"
    assert dockerfile(name) == plain.replace('CMD ["core"]', f'CMD ["{role}"]')


@pytest.mark.parametrize("path", [*(f"services/{name}" for name in NAMES), "deploy/images/suite"])
def test_an_image_runs_as_a_number_and_gets_signals(path: str) -> None:
    lines = (CHART.parents[2] / path / "Dockerfile").read_text().splitlines()
    assert "USER 10001:10001" in lines
    assert any(line.startswith('ENTRYPOINT ["python", "-m", ') for line in lines)


def test_the_lock_gives_pins_with_hashes_and_refuses_what_it_has_not(tmp_path: Path) -> None:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("pinned", DEPLOY / "images" / "pinned.py")
    assert spec is not None
    assert spec.loader is not None
    pinned = module_from_spec(spec)
    spec.loader.exec_module(pinned)
    lock = "alembic==1.0 \\\n    --hash=sha256:aa\npsycopg[binary]==3.0 \\\n    --hash=sha256:bb\n"
    assert pinned.pins(lock, {"psycopg"}) == "psycopg[binary]==3.0 \\\n    --hash=sha256:bb\n"
    with pytest.raises(KeyError, match="flask"):
        pinned.pins(lock, {"flask"})
