"""The checker sees what it is there to see: each breach is made in good objects, and found."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from charts.helm import Obj
from charts.model import containers, template
from charts.rules import rules
from scenarios import OUTSIDE, Render

CORE = "ticketing-orders-core"


def of(objects: list[Obj], kind: str, name: str) -> Obj:
    return next(each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name))


def core(objects: list[Obj]) -> Any:
    return of(objects, "Deployment", CORE)


def policy(objects: list[Obj], name: str = "ticketing-inventory-core") -> Any:
    return of(objects, "NetworkPolicy", name)["spec"]


BREACHES: dict[str, tuple[Callable[[list[Obj]], Any], str]] = {
    "a service that is not called so": (
        lambda o: of(o, "Service", "ticketing-inventory")["metadata"].update(name="inventory"),
        "there is no Service ticketing-inventory",
    ),
    "a closed door": (
        lambda o: policy(o)["ingress"].clear(),
        "ingress of Deployment/ticketing-inventory-core is not allowed",
    ),
    "a caller that may not go out": (
        lambda o: policy(o, CORE)["egress"].clear(),
        "egress of Deployment/ticketing-orders-core is not allowed",
    ),
    "a wrong port": (
        lambda o: of(o, "Service", "ticketing-inventory")["spec"]["ports"][0].update(port=7499),
        "that Service has no port 7410",
    ),
    "a key that no secret has": (
        lambda o: of(o, "Secret", "ticketing-orders")["stringData"].pop("TICKET_KEY"),
        "Secret/ticketing-orders has no key TICKET_KEY",
    ),
    "a writable disk": (
        lambda o: containers(core(o))[0]["securityContext"].update(readOnlyRootFilesystem=False),
        "readOnlyRootFilesystem is not true",
    ),
    "a mounted token": (
        lambda o: template(core(o))["spec"].update(automountServiceAccountToken=True),
        "mounts a token",
    ),
    "no time to drain": (
        lambda o: template(core(o))["spec"].update(terminationGracePeriodSeconds=10),
        "is killed after 10 s",
    ),
    "no readiness": (lambda o: containers(core(o))[0].pop("readinessProbe"), "no readinessProbe"),
    "no memory limit": (lambda o: containers(core(o))[0]["resources"]["limits"].clear(), "no resources.limits.memory"),
    "a pod outside all policies": (
        lambda o: template(core(o))["metadata"]["labels"].update({"app.kubernetes.io/instance": "other"}),
        "its selector does not match its pods",
    ),
    "the same twice": (lambda o: o.append(copy.deepcopy(core(o))), "Deployment/ticketing-orders-core: 2 times"),
}


@pytest.mark.parametrize("case", BREACHES)
def test_a_breach_is_found(case: str, rendered: Render) -> None:
    breach, words = BREACHES[case]
    objects = rendered("suite")
    breach(objects)
    assert any(words in found for found in rules(objects, OUTSIDE["suite"]))
