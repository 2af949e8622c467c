"""What a schema cannot see in rendered objects: references, ports, hardening, and whether calls get through."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from charts.helm import Obj
from charts.model import (
    LONG_RUNNING,
    Model,
    addresses,
    containers,
    every_container,
    ident,
    labels,
    matches,
    missing_keys,
    references,
    template,
)

HARDENING = (("runAsNonRoot", True), ("allowPrivilegeEscalation", False), ("readOnlyRootFilesystem", True))
RESOURCES = (("requests", "cpu"), ("requests", "memory"), ("limits", "memory"))
PROBES = ("readinessProbe", "livenessProbe")
DRAIN_SECONDS = 10  # in which a core finishes the calls under way (kit.core)


def rules(objects: Sequence[Obj], external: Collection[str] = ()) -> list[str]:
    """Every breach. `external`: names of Secrets and Services that exist outside the chart."""
    model = Model(objects)
    every = (
        *(_twice, _references, _hardening, _resources, _probes, _stopping, _mounts, _addresses),
        *(_services, _scaling, _evictions, _ingresses, _policies),
    )
    return [breach for rule in every for breach in rule(model, frozenset(external))]


def _twice(model: Model, external: frozenset[str]) -> Iterator[str]:
    for name, times in Counter(map(ident, model.objects)).items():
        if times > 1:
            yield f"{name}: {times} times"


def _references(model: Model, external: frozenset[str]) -> Iterator[str]:
    for workload in model.workloads:
        for kind, name in sorted(set(references(workload))):
            if name not in model.named(kind) and name not in external:
                yield f"{ident(workload)}: {kind} {name} is not in the chart (nor given as external)"
        for missing in missing_keys(model, workload):
            yield f"{ident(workload)}: {missing}"


def _hardening(model: Model, external: frozenset[str]) -> Iterator[str]:
    for workload in model.workloads:
        spec = template(workload)["spec"]
        if spec.get("automountServiceAccountToken") is not False:
            yield f"{ident(workload)}: mounts a token of its service account"
        if spec.get("enableServiceLinks") is not False:
            yield f"{ident(workload)}: enableServiceLinks would set variables that look like ours"
        for container in every_container(workload):
            at = f"{ident(workload)}: container {container['name']}"
            context = {**(spec.get("securityContext") or {}), **(container.get("securityContext") or {})}
            for field, wanted in HARDENING:
                if context.get(field) is not wanted:
                    yield f"{at}: securityContext.{field} is not {str(wanted).lower()}"
            if "ALL" not in ((context.get("capabilities") or {}).get("drop") or []):
                yield f"{at}: does not drop ALL capabilities"
            if (context.get("seccompProfile") or {}).get("type") != "RuntimeDefault":
                yield f"{at}: has no seccomp profile"
            image = container["image"].rsplit("/", 1)[-1]
            if "@" not in image and (":" not in image or image.endswith(":latest")):
                yield f"{at}: image {container['image']} has no fixed tag"


def _resources(model: Model, external: frozenset[str]) -> Iterator[str]:
    for workload in model.workloads:
        for container in every_container(workload):
            given = container.get("resources") or {}
            for kind, resource in RESOURCES:
                if resource not in (given.get(kind) or {}):
                    yield f"{ident(workload)}: container {container['name']}: no resources.{kind}.{resource}"


def _probes(model: Model, external: frozenset[str]) -> Iterator[str]:
    for workload in (each for each in model.workloads if each["kind"] in LONG_RUNNING):
        if not matches(workload["spec"]["selector"], labels(workload)):
            yield f"{ident(workload)}: its selector does not match its pods"
        for container in containers(workload):
            at = f"{ident(workload)}: container {container['name']}"
            names = [each["name"] for each in container.get("ports") or []]
            if len(set(names)) < len(names) or any(len(name) > 15 for name in names):
                yield f"{at}: a port name is given twice or is longer than 15: {names}"
            for probe in (each for each in PROBES if container.get("ports") and each not in container):
                yield f"{at}: no {probe}"
            for probe in (*PROBES, "startupProbe"):
                port = ((container.get(probe) or {}).get("httpGet") or {}).get("port")
                if port is not None and model.port_number(workload, port) is None:
                    yield f"{at}: {probe} names the unknown port {port}"


def _stopping(model: Model, external: frozenset[str]) -> Iterator[str]:
    for workload in (each for each in model.workloads if each["kind"] in LONG_RUNNING):
        grace = template(workload)["spec"].get("terminationGracePeriodSeconds", 30)
        for container in containers(workload):
            before = (container.get("lifecycle") or {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            if grace <= before + DRAIN_SECONDS:
                yield f"{ident(workload)}: is killed after {grace} s, but needs {before} + {DRAIN_SECONDS} s to stop"


def _mounts(model: Model, external: frozenset[str]) -> Iterator[str]:
    for workload in model.workloads:
        claims = [each["metadata"] for each in workload["spec"].get("volumeClaimTemplates") or []]
        known = {each["name"] for each in [*(template(workload)["spec"].get("volumes") or []), *claims]}
        for container in every_container(workload):
            for mount in container.get("volumeMounts") or []:
                if mount["name"] not in known:
                    yield f"{ident(workload)}: container {container['name']}: unknown volume {mount['name']}"


def _addresses(model: Model, external: frozenset[str]) -> Iterator[str]:
    """Every address in an environment is a Service's, and the policies of both sides let the call through."""
    for workload in model.workloads:
        for variable, host, port in addresses(model, workload):
            at = f"{ident(workload)}: {variable} names {host}:{port}"
            service = model.services.get(host)
            if service is None:
                if host not in external:
                    yield f"{at}, but there is no Service {host}"
                continue
            served = _served(service, port)
            if served is None:
                yield f"{at}, but that Service has no port {port}"
                continue
            for target in model.behind(service):
                number = model.port_number(target, served.get("targetPort", port))
                why = number and model.refusal(workload, target, number)
                if why:
                    yield f"{at}, but {why}"


def _services(model: Model, external: frozenset[str]) -> Iterator[str]:
    for service in model.services.values():
        pods = model.behind(service)
        if not pods:
            yield f"{ident(service)}: selects no pod of the chart"
        for workload in pods:
            for port in service["spec"]["ports"]:
                target = port.get("targetPort", port["port"])
                if model.port_number(workload, target) is None:
                    yield f"{ident(service)}: targetPort {target} is no port of {ident(workload)}"


def _scaling(model: Model, external: frozenset[str]) -> Iterator[str]:
    for scaler in model.of("HorizontalPodAutoscaler"):
        wanted = (scaler["spec"]["scaleTargetRef"]["kind"], scaler["spec"]["scaleTargetRef"]["name"])
        target = next((each for each in model.workloads if (each["kind"], each["metadata"]["name"]) == wanted), None)
        if target is None:
            yield f"{ident(scaler)}: its target {'/'.join(wanted)} is not in the chart"
        elif "replicas" in target["spec"]:
            yield f"{ident(target)}: sets replicas although {ident(scaler)} scales it: each upgrade would reset them"


def _evictions(model: Model, external: frozenset[str]) -> Iterator[str]:
    least_scaled = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"].get("minReplicas", 1)
        for each in model.of("HorizontalPodAutoscaler")
    }
    for budget in model.of("PodDisruptionBudget"):
        mine = [each for each in model.workloads if matches(budget["spec"].get("selector"), labels(each))]
        if len(mine) != 1:
            yield f"{ident(budget)}: selects {len(mine)} workloads, not 1"
            continue
        replicas = least_scaled.get(mine[0]["metadata"]["name"], mine[0]["spec"].get("replicas", 1))
        least, most = budget["spec"].get("minAvailable"), budget["spec"].get("maxUnavailable")
        if most in (0, "0%") or least == "100%" or (isinstance(least, int) and least >= replicas):
            yield f"{ident(budget)}: with {replicas} pods it never allows an eviction: a node could not be drained"


def _ingresses(model: Model, external: frozenset[str]) -> Iterator[str]:
    for ingress in model.of("Ingress"):
        paths = [each for rule in ingress["spec"].get("rules") or [] for each in rule["http"]["paths"]]
        for path in paths:
            backend = path["backend"]["service"]
            service = model.services.get(backend["name"])
            served = service and _served(service, next(iter(backend["port"].values())))
            if service is None or served is None:
                yield f"{ident(ingress)}: {path['path']} goes to {backend['name']}:{backend['port']}, not there"
                continue
            for workload in model.behind(service):
                number = model.port_number(workload, served.get("targetPort", served["port"]))
                why = number and model.refusal(None, workload, number)
                if why:
                    yield f"{ident(ingress)}: {path['path']} cannot be reached from outside: {why}"


def _policies(model: Model, external: frozenset[str]) -> Iterator[str]:
    for policy in model.policies:
        if not any(matches(policy["spec"].get("podSelector"), labels(each)) for each in model.workloads):
            yield f"{ident(policy)}: selects no pod of the chart"
    for workload in model.workloads if model.policies else ():
        mine = model.policies_of(workload, "Egress")
        if not mine:
            yield f"{ident(workload)}: no NetworkPolicy says where it may go"
        elif not any(_allows_dns(each) for each in mine) and any(addresses(model, workload)):
            yield f"{ident(workload)}: names Services, but may not ask DNS (UDP port 53)"


def _allows_dns(policy: Obj) -> bool:
    return any(
        not rule.get("ports") or any(each.get("port") == 53 and each.get("protocol") == "UDP" for each in rule["ports"])
        for rule in policy["spec"].get("egress") or []
    )


def _served(service: Obj, port: Any) -> Obj | None:
    """A Service's port by number or name."""
    return next((each for each in service["spec"]["ports"] if port in (each["port"], each.get("name"))), None)


def matrix(objects: Sequence[Obj]) -> dict[str, list[str]]:
    """Who may reach each Service's port: "ticketing-orders:7413" -> ["Deployment/…", "outside"]."""
    model, reached = Model(objects), {}
    for name, service in sorted(model.services.items()):
        for port in service["spec"]["ports"]:
            for workload in model.behind(service):
                number = model.port_number(workload, port.get("targetPort", port["port"]))
                reached[f"{name}:{port['port']}"] = model.reaching(workload, number) if number else []
    return reached
