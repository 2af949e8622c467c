"""Rendered objects as one thinks of them: workloads, the Services before them, who may reach whom."""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from charts.helm import Obj

LONG_RUNNING = ("Deployment", "StatefulSet", "DaemonSet")
WORKLOADS = (*LONG_RUNNING, "Job", "CronJob")
ADDRESS = re.compile(r"\w+://(?:[^/@\s]*@)?([a-z0-9-]+)(?:\.[a-z0-9.-]*svc[a-z0-9.-]*)?:(\d+)")


def ident(each: Obj) -> str:
    return f"{each['kind']}/{each['metadata']['name']}"


def template(workload: Obj) -> Obj:
    """The pod template of any workload."""
    spec = workload["spec"]["jobTemplate"]["spec"] if workload["kind"] == "CronJob" else workload["spec"]
    return spec["template"]


def labels(workload: Obj) -> dict[str, str]:
    return template(workload).get("metadata", {}).get("labels") or {}


def containers(workload: Obj) -> list[Obj]:
    return template(workload)["spec"]["containers"]


def every_container(workload: Obj) -> list[Obj]:
    """The init containers too."""
    return [*containers(workload), *(template(workload)["spec"].get("initContainers") or [])]


def matches(selector: Obj | None, found: Mapping[str, str]) -> bool:
    """Whether a label selector selects these labels; an empty one selects everything."""
    selector = selector or {}
    for each in selector.get("matchExpressions") or []:
        have, wanted = found.get(each["key"]), each.get("values") or []
        holds = {
            "In": have in wanted,
            "NotIn": have not in wanted,
            "Exists": have is not None,
            "DoesNotExist": have is None,
        }
        if not holds[each["operator"]]:
            return False
    return all(found.get(key) == value for key, value in (selector.get("matchLabels") or {}).items())


def data_of(each: Obj) -> dict[str, bytes]:
    """What a ConfigMap or a Secret holds."""
    found = {key: value.encode() for key, value in (each.get("stringData") or {}).items()}
    for key, value in (each.get("data") or {}).items():
        found[key] = base64.b64decode(value) if each["kind"] == "Secret" else value.encode()
    return found | {key: base64.b64decode(value) for key, value in (each.get("binaryData") or {}).items()}


class Model:
    """The objects of one rendering."""

    def __init__(self, objects: Sequence[Obj]) -> None:
        self.objects = objects
        self.workloads = [each for each in objects if each["kind"] in WORKLOADS]
        self.services = {each["metadata"]["name"]: each for each in self.of("Service")}
        self.policies = self.of("NetworkPolicy")

    def of(self, kind: str) -> list[Obj]:
        return [each for each in self.objects if each["kind"] == kind]

    def named(self, kind: str) -> set[str]:
        return {each["metadata"]["name"] for each in self.of(kind)}

    def behind(self, service: Obj) -> list[Obj]:
        """The workloads that a Service selects."""
        selector = service["spec"].get("selector")
        return [each for each in self.workloads if selector and matches({"matchLabels": selector}, labels(each))]

    def port_number(self, workload: Obj, port: Any) -> int | None:
        """A container's port by number or name; None when it has no such name."""
        if isinstance(port, int):
            return port
        ports = [each for container in containers(workload) for each in container.get("ports") or []]
        return next((each["containerPort"] for each in ports if each.get("name") == port), None)

    def policies_of(self, workload: Obj, direction: str) -> list[Obj]:
        return [
            each
            for each in self.policies
            if matches(each["spec"].get("podSelector"), labels(workload))
            and direction in (each["spec"].get("policyTypes") or ["Ingress"])
        ]

    def refusal(self, source: Obj | None, target: Obj, port: int) -> str | None:
        """None if the policies let `source` (None: the outside) reach `target` on this TCP port, else why not."""
        for direction, pod, peer in (("Egress", source, target), ("Ingress", target, source)):
            if pod is None:
                continue
            mine = self.policies_of(pod, direction)
            if mine and not any(self._allows(each, direction, peer, target, port) for each in mine):
                return f"{direction.lower()} of {ident(pod)} is not allowed by {', '.join(map(ident, mine))}"
        return None

    def _allows(self, policy: Obj, direction: str, peer: Obj | None, target: Obj, port: int) -> bool:
        for rule in policy["spec"].get(direction.lower()) or []:
            peers = rule.get("from" if direction == "Ingress" else "to")
            if self._port_in(rule.get("ports"), target, port) and (
                not peers or any(_is_peer(each, peer) for each in peers)
            ):
                return True
        return False

    def _port_in(self, ports: list[Obj] | None, target: Obj, wanted: int) -> bool:
        for each in ports or []:
            if each.get("protocol", "TCP") != "TCP":
                continue
            low = each.get("port")
            if low is None or self.port_number(target, low) == wanted:
                return True
            if isinstance(low, int) and low <= wanted <= each.get("endPort", low):
                return True
        return not ports

    def reaching(self, target: Obj, port: int) -> list[str]:
        """Who may reach this port of this workload."""
        sources = [each for each in self.workloads if each is not target and not self.refusal(each, target, port)]
        outside = [] if self.refusal(None, target, port) else ["outside"]
        return [*map(ident, sources), *outside]


def _is_peer(rule: Obj, peer: Obj | None) -> bool:
    if peer is None:  # from outside: an address range, or pods of another namespace
        return "ipBlock" in rule or bool((rule.get("namespaceSelector") or {}).get("matchLabels"))
    same_namespace = "namespaceSelector" not in rule or rule["namespaceSelector"] == {}
    return same_namespace and "ipBlock" not in rule and matches(rule.get("podSelector"), labels(peer))


def references(workload: Obj) -> Iterator[tuple[str, str]]:
    """(kind, name) of each ConfigMap, Secret and ServiceAccount without which the pod does not start."""
    spec = template(workload)["spec"]
    if spec.get("serviceAccountName", "default") != "default":
        yield "ServiceAccount", spec["serviceAccountName"]
    for each in spec.get("imagePullSecrets") or []:
        yield "Secret", each["name"]
    for volume in spec.get("volumes") or []:
        for source in (volume, *(volume.get("projected", {}).get("sources") or [])):
            if "configMap" in source and not source["configMap"].get("optional"):
                yield "ConfigMap", source["configMap"]["name"]
            if "secret" in source and not source["secret"].get("optional"):
                yield "Secret", source["secret"].get("secretName") or source["secret"]["name"]
    for container in every_container(workload):
        for kind, name, _, optional in _environment_references(container):
            if not optional:
                yield kind, name


def _environment_references(container: Obj) -> Iterator[tuple[str, str, str, bool]]:
    for each in container.get("envFrom") or []:
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if field in each:
                yield kind, each[field]["name"], "", bool(each[field].get("optional"))
    for each in container.get("env") or []:
        source = each.get("valueFrom") or {}
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            if field in source:
                yield kind, source[field]["name"], source[field]["key"], bool(source[field].get("optional"))


def missing_keys(model: Model, workload: Obj) -> Iterator[str]:
    """Keys that a pod asks of a ConfigMap or Secret of the chart which has not got them."""
    known = {(each["kind"], each["metadata"]["name"]): data_of(each) for each in model.objects if _holds_data(each)}
    for container in every_container(workload):
        for kind, name, key, optional in _environment_references(container):
            if key and not optional and (kind, name) in known and key not in known[kind, name]:
                yield f"{kind}/{name} has no key {key}"


def addresses(model: Model, workload: Obj) -> Iterator[tuple[str, str, int]]:
    """(variable, Service, port) of each scheme://service:port in the environment, those in Secrets included."""
    known = {(each["kind"], each["metadata"]["name"]): data_of(each) for each in model.objects if _holds_data(each)}
    for container in containers(workload):
        environment: dict[str, str] = {}
        for each in container.get("env") or []:
            source = each.get("valueFrom") or {}
            value = str(each.get("value", ""))
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                if field in source:
                    held = known.get((kind, source[field]["name"]), {})
                    value = held.get(source[field]["key"], b"").decode()
            environment[each["name"]] = value
        for variable, value in environment.items():
            for host, port in ADDRESS.findall(value):
                if host != "localhost":
                    yield variable, host, int(port)


def _holds_data(each: Obj) -> bool:
    return each["kind"] in ("ConfigMap", "Secret")
