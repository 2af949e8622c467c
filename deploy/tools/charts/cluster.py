"""Runs rendered objects as real containers on this machine, with podman: a small stand-in for a cluster.

    with Cluster(objects) as cluster:     # root; podman, nft and nsenter
        cluster.install(more_objects)     # hooks, Deployments, StatefulSets
        cluster.upgrade(new_objects)      # rolling update: maxSurge, maxUnavailable, probes, SIGTERM
        cluster.exec("box-office", "python", "-", stdin=script)

done    Deployments, StatefulSets, Jobs, hooks in order; replicas; ConfigMaps, Secrets; claims that outlive a pod; user,
        read-only root, capabilities, limits; HTTP probes with restarts; Services by name, balanced over the ready pods;
        NetworkPolicies; preStop sleep, SIGTERM and its grace; rolling updates
not     scheduling, HPA, evictions, Ingress, RBAC, headless Services, init containers, probes other than HTTP
Everything is removed at the end. Traffic stays between the pods and this machine.
"""

import hashlib
import ipaddress
import json
import math
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from charts.helm import Obj
from charts.model import data_of
from charts.model import template as template_of
from charts.network import endpoints, port_of, table
from charts.pod import Pod
from charts.shell import CommandFailed, sh

STARTERS = 3  # pods that are started at once
CRASHES = 4  # restarts after which a pod is not waited for


class Cluster:
    """`killed` names the containers that did not stop on SIGTERM, `statuses` how each one ended."""

    def __init__(self, name: str = "charts", namespace: str = "ticketing", subnet: str = "10.201.0.0/23",
                 timeout: float = 180, verbose: bool = True) -> None:  # fmt: skip
        self.name, self.namespace, self.timeout, self.verbose = name, namespace, timeout, verbose
        self._pod_network, services = ipaddress.IPv4Network(subnet).subnets(1)
        self._service_network = str(services)  # known to the pods only
        hosts = self._pod_network.hosts()
        self.node = str(next(hosts))
        self._free_ips, self._free_addresses = hosts, services.hosts()
        self.addresses: dict[str, str] = {}  # Service -> its address
        self._fixed: dict[str, str] = {}  # pod of a StatefulSet -> its IP
        self.objects: list[Obj] = []
        self.services: dict[str, Obj] = {}
        self.pods: list[Pod] = []
        self.killed: list[str] = []
        self.statuses: dict[str, str] = {}
        self.drains = True
        self.folder = Path(tempfile.mkdtemp(prefix="charts-"))
        self._serial = 0
        self._lock = threading.RLock()

    @staticmethod
    def hash(template: Obj) -> str:
        return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:8]

    def log(self, text: str) -> None:
        if self.verbose:
            print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)

    # -- objects

    def of(self, *kinds: str) -> list[Obj]:
        return [each for each in self.objects if each["kind"] in kinds]

    def get(self, kind: str, name: str) -> Obj:
        """Raises CommandFailed when there is no such object."""
        found = next((each for each in self.of(kind) if each["metadata"]["name"] == name), None)
        if found is None:
            raise CommandFailed(f"{kind} {name} is not among the objects")
        return found

    def data(self, kind: str, name: str) -> dict[str, bytes]:
        return data_of(self.get(kind, name))

    def hosts(self) -> list[tuple[str, str]]:
        """Every name that a pod can resolve (in Kubernetes by DNS, here by its hosts file)."""
        tails = ("", f".{self.namespace}", f".{self.namespace}.svc", f".{self.namespace}.svc.cluster.local")
        return sorted((name + tail, address) for name, address in self.addresses.items() for tail in tails)

    def _load(self, objects: Sequence[Obj]) -> None:
        self.objects = list(objects)
        self.services = {each["metadata"]["name"]: each for each in self.of("Service")}
        for name in self.services:
            self.addresses.setdefault(name, str(next(self._free_addresses)))

    def program(self) -> None:
        """Give every pod the network's present state."""
        with self._lock:
            live = [each for each in self.pods if each.pid]
            for pod in live:
                rules = table(pod, live, self.services, self.addresses, self.of("NetworkPolicy"),
                              self._service_network, self.node)  # fmt: skip
                with suppress(CommandFailed):  # the pod may be going away
                    sh("nsenter", "-t", str(pod.pid), "-n", "nft", "-f", "-", stdin=rules)

    # -- life

    def __enter__(self) -> "Cluster":
        self._sweep()
        sh("podman", "network", "create", "--disable-dns", "--subnet", str(self._pod_network), "--gateway", self.node,
           self.name)  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self.drains = False
        for pod in self.pods:
            pod.stopping = True
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(Pod.stop, list(self.pods)))
        self._sweep()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove also what an earlier run of the same name left behind when it was killed."""
        left = sh("podman", "pod", "ls", "-q", "--filter", f"label=charts={self.name}", check=False).split()
        if left:
            sh("podman", "pod", "rm", "-f", "-t", "1", *left, check=False)
        sh("podman", "network", "rm", "-f", self.name, check=False)

    def install(self, objects: Sequence[Obj]) -> None:
        """`helm install` of these objects beside nothing: all that runs is what they say."""
        self._apply(objects, "install")

    def upgrade(self, objects: Sequence[Obj]) -> None:
        """`helm upgrade` to these objects: hooks, rolling updates of what changed; nothing else restarts."""
        self._apply(objects, "upgrade")

    def _apply(self, objects: Sequence[Obj], event: str) -> None:
        self._load(objects)
        self.program()
        self._hooks(f"pre-{event}")
        wanted = {each["metadata"]["name"]: each for each in self.of("StatefulSet", "Deployment")}
        for pod in [each for each in self.pods if each.owner["metadata"]["name"] not in wanted]:
            self.drop(pod)
        fresh = [each for name, each in wanted.items() if not self.of_owner(name)]
        pods = [self._new(each, each["spec"]["template"]) for each in fresh for _ in range(_replicas(each))]
        with ThreadPoolExecutor(STARTERS) as pool:
            list(pool.map(Pod.start, pods))
        self.wait()
        for each in wanted.values():
            self._roll(each)
        self._hooks(f"post-{event}")

    def _hooks(self, when: str) -> None:
        def note(each: Obj, key: str, default: str) -> str:
            return (each["metadata"].get("annotations") or {}).get(f"helm.sh/{key}", default)

        jobs = [each for each in self.of("Job") if when in note(each, "hook", "").split(",")]
        for each in sorted(jobs, key=lambda job: int(note(job, "hook-weight", "0"))):
            self.run_job(each)

    def run_job(self, job: Obj) -> str:
        """Run a Job, or a CronJob now, to its end; what it wrote. Raises CommandFailed with that when it fails."""
        spec = job["spec"]["jobTemplate"]["spec"] if job["kind"] == "CronJob" else job["spec"]
        said = ""
        for attempt in range(spec.get("backoffLimit", 6) + 1):
            pod = self._new(job, template_of(job))
            pod.start()
            statuses = pod.wait(self.timeout)
            said = "\n".join(pod.logs(each["name"]) for each in pod.spec["containers"])
            self.drop(pod)
            if not any(statuses):
                self.log(f"job {job['metadata']['name']}: done")
                return said
            self.log(f"job {job['metadata']['name']}: exit {statuses}\n{said}")
            time.sleep(min(2**attempt, 10))
        raise CommandFailed(f"job {job['metadata']['name']} failed:\n{said}")

    def _new(self, owner: Obj, template: Obj) -> Pod:
        with self._lock:
            name = owner["metadata"]["name"]
            if owner["kind"] == "StatefulSet":  # one pod here, of which name, IP and claims stay
                name = f"{name}-0"
                ip = self._fixed.setdefault(name, str(next(self._free_ips)))
            else:
                self._serial += 1
                name, ip = f"{name}-{self.hash(template)}-{self._serial}", str(next(self._free_ips))
            pod = Pod(self, owner, template, name, ip)
            self.pods.append(pod)
            return pod

    def of_owner(self, name: str) -> list[Pod]:
        return [each for each in self.pods if each.owner["metadata"]["name"] == name and not each.stopping]

    def wait(self) -> None:
        """Return when every pod is ready. Raises TimeoutError with the words of one that is not, or that crashes."""
        end = time.monotonic() + self.timeout
        while waiting := [each for each in self.pods if not each.ready and not each.stopping]:
            pod = max(waiting, key=lambda each: each.restarts)
            if pod.restarts > CRASHES or time.monotonic() > end:
                said = "\n".join(pod.logs(each["name"]) for each in pod.spec["containers"])
                raise TimeoutError(f"{pod.name} is not ready (restarts: {pod.restarts})\n{said}")
            time.sleep(0.1)

    def _roll(self, owner: Obj) -> None:
        wanted, template, name = _replicas(owner), owner["spec"]["template"], owner["metadata"]["name"]
        if owner["kind"] == "StatefulSet":
            surge, missing = 0, wanted
        else:
            strategy = owner["spec"].get("strategy", {}).get("rollingUpdate") or {}
            surge = _share(strategy.get("maxSurge", "25%"), wanted, math.ceil)
            missing = _share(strategy.get("maxUnavailable", "25%"), wanted, math.floor)
        end = time.monotonic() + self.timeout
        while True:
            pods = self.of_owner(name)
            new = [each for each in pods if each.hash == self.hash(template)]
            old = [each for each in pods if each.hash != self.hash(template)]
            if not old and len(new) == wanted and all(each.ready for each in new):
                return
            if time.monotonic() > end:
                raise TimeoutError(f"the rolling update of {name} does not end")
            if len(new) > wanted:
                self.drop(new[0])
            elif old and (not old[0].ready or sum(each.ready for each in pods) > wanted - missing):
                self.drop(next((each for each in old if not each.ready), old[0]))
            elif len(new) < wanted and len(pods) < wanted + surge:
                self._new(owner, template).start()
            else:
                time.sleep(0.1)

    def drop(self, pod: Pod) -> None:
        """Stop one pod, as an eviction does."""
        pod.stop()
        with self._lock:
            self.pods.remove(pod)
        self.program()

    def ended(self, pod: Pod, container: str, status: str) -> None:
        """Told by a pod that one of its containers is stopped."""
        self.statuses[pod.container(container)] = status
        if status == "137":
            self.killed.append(pod.container(container))

    # -- for tests

    def url(self, service: str, port: str) -> str:
        """http://IP:PORT of a ready pod behind a Service, from this machine."""
        found = self.services[service]
        pod = endpoints(found, self.pods)[0]
        target = next(each for each in found["spec"]["ports"] if each["name"] == port)["targetPort"]
        return f"http://{pod.ip}:{port_of(pod, target)}"

    def exec(self, workload: str, *command: str, stdin: str = "", check: bool = True, timeout: float = 600) -> str:
        """Run a command in a pod of that workload; what it wrote."""
        pod = self.of_owner(workload)[0]
        container = pod.container(pod.spec["containers"][0]["name"])
        return sh("podman", "exec", "-i", container, *command, stdin=stdin, check=check, timeout=timeout)


def _replicas(owner: Obj) -> int:
    return int(owner["spec"].get("replicas", 1))


def _share(given: Any, of: int, rounded: Any) -> int:
    return int(rounded(of * float(given[:-1]) / 100)) if str(given).endswith("%") else int(given)
