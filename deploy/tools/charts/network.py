"""What kube-proxy and a network plugin do, as nftables in each pod's own network namespace.

A Service's address is balanced over its ready pods; NetworkPolicies (podSelector, ipBlock, ports) are enforced at the
pod itself. The node, here this machine, may always reach its pods, as kubelet does.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from charts.helm import Obj
from charts.model import matches


class Endpoint(Protocol):
    """A pod, as far as the network is concerned."""

    ip: str
    spec: Obj
    labels: dict[str, str]
    ready: bool


def port_of(pod: Endpoint, port: Any) -> int | None:
    """A pod's port by number or name."""
    if isinstance(port, int):
        return port
    ports = [each for container in pod.spec["containers"] for each in container.get("ports") or []]
    return next((each["containerPort"] for each in ports if each.get("name") == port), None)


def endpoints(service: Obj, pods: Sequence[Endpoint]) -> list[Endpoint]:
    """The ready pods behind a Service."""
    selector = {"matchLabels": service["spec"]["selector"]}
    return [each for each in pods if each.ready and matches(selector, each.labels)]


def table(
    pod: Endpoint, pods: Sequence[Endpoint], services: Mapping[str, Obj], addresses: Mapping[str, str],
    policies: Sequence[Obj], service_network: str, node: str,
) -> str:  # fmt: skip
    """The pod's whole nftables program; loading it replaces the one before."""
    lines = ["table ip charts", "delete table ip charts", "table ip charts {"]
    lines += [" chain services { type nat hook output priority -100;"]
    for name, service in services.items():
        for port in service["spec"]["ports"]:
            targets = [(each, port_of(each, port.get("targetPort", port["port"]))) for each in endpoints(service, pods)]
            known = [f"{each.ip} . {number}" for each, number in targets if number]
            if known:
                choice = ", ".join(f"{i} : {target}" for i, target in enumerate(known))
                lines.append(
                    f"  ip daddr {addresses[name]} tcp dport {port['port']} "
                    f"dnat ip addr . port to numgen random mod {len(known)} map {{ {choice} }}"
                )
    lines += [" }", " chain nobody_ready { type filter hook output priority -10;"]
    lines += [f"  ip daddr {service_network} ip protocol tcp reject with tcp reset", " }"]
    for direction in ("Ingress", "Egress"):
        lines += _chain(pod, direction, pods, policies, node)
    return "\n".join([*lines, "}"])


def _chain(pod: Endpoint, direction: str, pods: Sequence[Endpoint], policies: Sequence[Obj], node: str) -> list[str]:
    mine = [
        each["spec"]
        for each in policies
        if matches(each["spec"].get("podSelector"), pod.labels)
        and direction in (each["spec"].get("policyTypes") or ["Ingress"])
    ]
    if not mine:
        return []
    way, hook, interface = ("saddr", "input", "iif") if direction == "Ingress" else ("daddr", "output", "oif")
    lines = [f" chain policy_{hook} {{ type filter hook {hook} priority 0; policy drop;"]
    lines += ["  ct state established,related accept", f"  {interface} lo accept", f"  ip {way} {node} accept"]
    for rule in (rule for spec in mine for rule in spec.get(direction.lower()) or []):
        peers = rule.get("from" if direction == "Ingress" else "to") or [{"ipBlock": {"cidr": "0.0.0.0/0"}}]
        for address, peer in (found for each in peers for found in _found(each, pods)):
            for port in rule.get("ports") or [{}]:
                accepted = _match(port, pod if direction == "Ingress" else peer)
                if accepted is not None:
                    lines.append(f"  ip {way} {address} {accepted} accept")
    return [*lines, " }"]


def _found(peer: Obj, pods: Sequence[Endpoint]) -> list[tuple[str, Endpoint | None]]:
    """The addresses that a peer of a rule stands for. Other namespaces have no pods here."""
    if "ipBlock" in peer:
        return [(peer["ipBlock"]["cidr"], None)]
    if peer.get("namespaceSelector"):
        return []
    return [(each.ip, each) for each in pods if matches(peer.get("podSelector"), each.labels)]


def _match(port: Obj, target: Endpoint | None) -> str | None:
    """The nftables words for a rule's port; None when the target has no port of that name."""
    number = port.get("port")
    protocol = port.get("protocol", "TCP").lower()
    if number is None:
        return "" if not port else f"meta l4proto {protocol}"
    if isinstance(number, str):
        number = port_of(target, number) if target else None
    return None if number is None else f"{protocol} dport {number}"
