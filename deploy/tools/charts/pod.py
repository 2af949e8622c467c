"""One pod: an infra container that holds the network, its containers, their probes and their end."""

from __future__ import annotations

import json
import math
import os
import subprocess
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from charts.helm import Obj
from charts.network import port_of
from charts.shell import CommandFailed, expand, quantity, sh

if TYPE_CHECKING:
    from charts.cluster import Cluster

TICK_SECONDS = 0.2


class Pod:
    """A running pod of a workload. `ready` follows its readiness probes."""

    def __init__(self, cluster: Cluster, owner: Obj, template: Obj, name: str, ip: str) -> None:
        self.cluster, self.owner, self.name, self.ip = cluster, owner, name, ip
        self.spec: Obj = template["spec"]
        self.labels: dict[str, str] = template["metadata"].get("labels") or {}
        self.hash = cluster.hash(template)
        self.ready = self.stopping = False
        self.restarts = self.pid = 0
        self._passing: dict[str, bool] = {}
        self._folders: dict[str, tuple[Path, bool]] = {}  # volume -> folder, read-only

    def container(self, name: str) -> str:
        """The name by which podman knows a container of this pod."""
        return f"{self.name}-{name}"

    def start(self) -> None:
        """Start everything; readiness comes later. Raises CommandFailed."""
        hosts = [f"--add-host={name}:{ip}" for name, ip in self.cluster.hosts()]
        mac = "02:42:" + ":".join(f"{int(part):02x}" for part in self.ip.split("."))  # fixed: no stale ARP entry
        sh("podman", "pod", "create", "--name", self.name, "--hostname", self.name, "--network", self.cluster.name,
           "--ip", self.ip, "--mac-address", mac, "--label", f"charts={self.cluster.name}", *hosts)  # fmt: skip
        sh("podman", "pod", "start", self.name)
        infra = sh("podman", "pod", "inspect", self.name, "--format", "{{.InfraContainerID}}")
        self.pid = int(sh("podman", "inspect", infra, "--format", "{{.State.Pid}}"))
        self.cluster.program()
        self._make_folders()
        for each in self.spec["containers"]:
            self._passing[each["name"]] = False
        for each in self.spec["containers"]:
            self._run(each)
            if self.owner["kind"] not in ("Job", "CronJob"):
                threading.Thread(target=self._watch, args=(each,), daemon=True).start()

    def _make_folders(self) -> None:
        group = (self.spec.get("securityContext") or {}).get("fsGroup")
        claims = [
            {"name": each["metadata"]["name"], "claim": f"{each['metadata']['name']}-{self.name}"}
            for each in self.owner["spec"].get("volumeClaimTemplates") or []
        ]
        for volume in [*(self.spec.get("volumes") or []), *claims]:
            folder = self.cluster.folder / self.name / volume["name"]
            if "claim" in volume:  # outlives the pod
                folder = self.cluster.folder / "claims" / volume["claim"]
            folder.mkdir(parents=True, exist_ok=True)
            for field, kind, name in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
                if field in volume:
                    data = self.cluster.data(kind, volume[field][name])
                    for item in volume[field].get("items") or [{"key": key, "path": key} for key in data]:
                        (folder / item["path"]).write_bytes(data[item["key"]])
                        (folder / item["path"]).chmod(0o640)
            for each in (folder, *folder.rglob("*")):
                if group is not None:
                    os.chown(each, -1, group)
            folder.chmod(0o2775)
            self._folders[volume["name"]] = (folder, "configMap" in volume or "secret" in volume)

    def _environment(self, container: Obj) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in container.get("env") or []:
            source = each.get("valueFrom") or {}
            value = expand(str(each.get("value", "")), found)
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                if field in source:
                    data = self.cluster.data(kind, source[field]["name"])
                    if source[field]["key"] not in data:
                        raise CommandFailed(f"{self.name}: {kind} {source[field]['name']} lacks {source[field]['key']}")
                    value = data[source[field]["key"]].decode()
            found[each["name"]] = value
        return found

    def _run(self, container: Obj) -> None:
        context = {**(self.spec.get("securityContext") or {}), **(container.get("securityContext") or {})}
        image = container["image"]
        words = ["podman", "run", "--detach", "--pod", self.name, "--name", self.container(container["name"])]
        words += ["--pull=never", "--no-healthcheck", "--log-driver=k8s-file", *self._hardening(context, image)]
        limits = (container.get("resources") or {}).get("limits") or {}
        if "memory" in limits:
            memory = int(quantity(limits["memory"]))
            words += [f"--memory={memory}", f"--memory-swap={memory}"]
        words += [f"--cpus={quantity(limits['cpu'])}"] if "cpu" in limits else []
        environment = self._environment(container)
        for name, value in environment.items():
            words += ["--env", f"{name}={value}"]
        for mount in container.get("volumeMounts") or []:
            folder, read_only = self._folders[mount["name"]]
            words += [
                "--volume",
                f"{folder}:{mount['mountPath']}:{'ro' if read_only or mount.get('readOnly') else 'rw'}",
            ]
        if "command" in container:
            words += ["--entrypoint", json.dumps(container["command"])]
        sh(*words, image, *(expand(str(each), environment) for each in container.get("args") or []))

    def _hardening(self, context: Obj, image: str) -> list[str]:
        words = []
        if context.get("runAsUser") is not None:
            words += ["--user", f"{context['runAsUser']}:{context.get('runAsGroup', 0)}"]
        elif context.get("runAsNonRoot"):
            user = sh("podman", "image", "inspect", image, "--format", "{{.Config.User}}").split(":")[0]
            if not user.isdigit() or user == "0":
                raise CommandFailed(
                    f"{self.name}: runAsNonRoot, but the image's user is {user!r}, not a number above 0"
                )
        words += ["--group-add", str(context["fsGroup"])] if context.get("fsGroup") is not None else []
        words += ["--read-only", "--read-only-tmpfs=false"] if context.get("readOnlyRootFilesystem") else []
        words += ["--security-opt", "no-new-privileges"] if context.get("allowPrivilegeEscalation") is False else []
        return [*words, *(f"--cap-drop={each}" for each in (context.get("capabilities") or {}).get("drop") or [])]

    def probe(self, probe: Obj) -> str | None:
        """None if an httpGet probe passes, else why not."""
        asked = probe["httpGet"]
        url = f"http://{self.ip}:{port_of(self, asked['port'])}{asked['path']}"
        try:
            urllib.request.urlopen(url, timeout=probe.get("timeoutSeconds", 1)).close()
        except OSError as error:
            return str(error)
        return None

    def _watch(self, container: Obj) -> None:
        """What kubelet does for one container: probe it, restart it, say whether it is ready."""
        name = container["name"]
        while True:
            why = self._life(container)
            self._set_ready(name, False)
            if self.stopping:
                return
            self.restarts += 1
            self.cluster.log(f"{self.container(name)}: {why}; restart {self.restarts}\n{self.logs(name, 5)}")
            time.sleep(min(0.5 * 2**self.restarts, 10))
            if not self.stopping:
                sh("podman", "restart", "-t", "1", self.container(name), check=False)

    def _life(self, container: Obj) -> str:
        """Follow one life of a container; why it ended, or must end."""
        name, main = container["name"], self._main_process(container["name"])
        passed, good = "startupProbe" not in container, 0
        last: dict[str, float] = {}
        fails: dict[str, int] = {}
        while not self.stopping:
            time.sleep(TICK_SECONDS)
            if not main or not Path(f"/proc/{main}").exists():
                return "it exited"
            for kind in ("readinessProbe", "livenessProbe") if passed else ("startupProbe",):
                probe = container.get(kind)
                if probe is None:
                    if kind == "readinessProbe":
                        self._set_ready(name, True)
                    continue
                if time.monotonic() - last.get(kind, -1e9) < probe.get("periodSeconds", 10):
                    continue
                last[kind] = time.monotonic()
                refused = self.probe(probe)
                fails[kind] = fails.get(kind, 0) + 1 if refused else 0
                failed = fails[kind] >= probe.get("failureThreshold", 3)
                if kind == "startupProbe" and not refused:
                    passed = True
                elif kind == "readinessProbe":
                    good = 0 if refused else good + 1
                    if good >= probe.get("successThreshold", 1):
                        self._set_ready(name, True)
                    elif failed:
                        self._set_ready(name, False)
                elif failed:
                    return f"{kind} failed: {refused}"
        return "it is stopped"

    def _main_process(self, name: str) -> int:
        return int(sh("podman", "inspect", self.container(name), "--format", "{{.State.Pid}}", check=False) or 0)

    def _set_ready(self, container: str, passing: bool) -> None:
        self._passing[container] = passing
        now = not self.stopping and all(self._passing.values())
        if now != self.ready:
            self.ready = now
            self.cluster.log(f"{self.name}: {'ready' if now else 'not ready'}")
            self.cluster.program()

    def wait(self, timeout: float) -> list[int]:
        """The exit statuses of a Job's containers."""
        names = [self.container(each["name"]) for each in self.spec["containers"]]
        return [int(sh("podman", "wait", name, timeout=timeout)) for name in names]

    def stop(self) -> None:
        """Withdraw the pod, let it end by itself within its grace, and remove it."""
        self.stopping = True
        self.ready = False
        self.cluster.program()
        grace, began = self.spec.get("terminationGracePeriodSeconds", 30), time.monotonic()
        hooks = [(each.get("lifecycle") or {}).get("preStop", {}) for each in self.spec["containers"]]
        if self.cluster.drains:
            time.sleep(max(each.get("sleep", {}).get("seconds", 0) for each in hooks))
        left = max(1, math.ceil(grace - (time.monotonic() - began)))
        for each in self.spec["containers"]:
            name = self.container(each["name"])
            sh("podman", "stop", "-t", str(left), name, check=False, timeout=left + 30)
            status = sh("podman", "inspect", name, "--format", "{{.State.ExitCode}}", check=False)
            self.cluster.ended(self, each["name"], status)
        with suppress(subprocess.TimeoutExpired):
            sh("podman", "pod", "rm", "-f", "-t", "1", self.name, check=False)

    def logs(self, container: str, tail: int = 40) -> str:
        command = ["podman", "logs", "--tail", str(tail), self.container(container)]
        done = subprocess.run(command, text=True, capture_output=True)
        return (done.stdout + done.stderr).strip()
