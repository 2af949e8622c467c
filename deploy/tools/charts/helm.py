"""Values, lint, rendering and schemas, by the real Helm library in this process; no network, no kubeconfig."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate  # type: ignore[import-untyped]
import yaml

Obj = dict[str, Any]
NO_CLUSTER = "apiVersion: v1\nkind: Config\n"
WARNING = 2
KUBERNETES = ("1.31", "1.36")


class ChartError(Exception):
    """The chart refuses these values, or cannot be rendered; the message is Helm's."""


def load_values(files: Iterable[str | Path], sets: Iterable[str] = ()) -> Obj:
    """The files merged in order, then `a.b=c` settings on top, as `helm -f … --set …` does."""
    values: Obj = {}
    for file in files:
        _merge(values, yaml.safe_load(Path(file).read_text()) or {})
    for setting in sets:
        _merge(values, helm_python.parse_set_string(setting))
    return values


def _merge(into: Obj, more: Obj) -> Obj:
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(into.get(key), dict)
        into[key] = _merge(dict(into[key]), value) if both else value
    return into


def lint(chart: str | Path, values: Obj) -> list[str]:
    """What `helm lint --strict` finds with these values."""
    report = helm_python.lint(str(chart), values, strict=True)
    found = [f"{each['path']}: {each['error']}" for each in report["messages"] if each["severity"] >= WARNING]
    return found + [error for error in report["errors"] if not any(error in line for line in found)]


def render(chart: str | Path, values: Obj, name: str = "ticketing", namespace: str = "ticketing") -> list[Obj]:
    """The objects of `helm template`, in Helm's order, then the hooks. Raises ChartError."""
    try:
        with helm_python.Chart.load(str(chart)) as loaded:
            texts = loaded.render(values, name=name, namespace=namespace)
        with helm_python.Config(namespace=namespace, storage_driver="memory", kubeconfig_content=NO_CLUSTER) as config:
            release = config.install(str(chart), name, values, dry_run="client")
    except Exception as error:  # the library's own errors share no better base
        raise ChartError(str(error)) from error
    objects = [each for each in yaml.safe_load_all(release["manifest"]) if each]
    return objects + _hooks(texts)


def _hooks(texts: dict[str, str]) -> list[Obj]:
    """Hooks are not in a release's manifest."""
    return [
        each
        for path in sorted(texts)
        if path.endswith(".yaml") and "helm.sh/hook" in texts[path]
        for each in yaml.safe_load_all(texts[path])
        if each and "helm.sh/hook" in (each["metadata"].get("annotations") or {})
    ]


def schema(objects: Sequence[Obj], versions: Sequence[str] = KUBERNETES) -> list[str]:
    """What the strict schemas of these Kubernetes versions refuse."""
    errors = []
    for version in versions:
        for each in objects:
            at = f"Kubernetes {version}: {each['kind']}/{each['metadata']['name']}"
            try:
                kubernetes_validate.validate(each, version, strict=True)
            except kubernetes_validate.utils.SchemaNotFoundError:
                errors.append(f"{at}: {each['apiVersion']} has no such kind")
            except kubernetes_validate.ValidationError as error:
                errors.append(f"{at}: {'.'.join(map(str, error.path))}: {error.message}")
    return errors
