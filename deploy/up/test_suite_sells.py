"""The rendered chart runs as real containers and sells a ticket (issue 2, main job 5). Root: make chart-up."""

import threading
from typing import Any

from charts.cluster import Cluster
from till import Till, sell_one, until

CASHIER, PIN = "Camille Moreau", "4821"


def test_every_pod_is_ready_as_an_ordinary_user_on_a_read_only_disk(cluster: Cluster) -> None:
    said = cluster.exec(
        "ticketing-orders-core", "python", "-c",
        "import os; print(os.getuid());\ntry: open('/opt/x', 'w')\nexcept OSError as e: print(e.strerror)",
    )  # fmt: skip
    assert said.split("\n") == ["10001", "Read-only file system"]
    assert all(pod.ready and pod.restarts == 0 for pod in cluster.pods)


def test_one_ticket_is_sold_by_a_cashier_through_the_services(order: dict[str, Any]) -> None:
    assert order["total"] == 3500
    assert len(order["tickets"]) == 1


def test_policies_let_through_the_calls_of_the_chart_and_no_others(cluster: Cluster) -> None:
    """orders calls inventory; reporting has no business there, nor the box office on the operations port."""
    assert connects(cluster, "ticketing-orders-core", "ticketing-inventory", 7410)
    assert not connects(cluster, "ticketing-reporting-core", "ticketing-inventory", 7410)
    assert connects(cluster, "box-office", "ticketing-inventory", 7410)
    assert not connects(cluster, "box-office", "ticketing-inventory", 7420)
    assert not connects(cluster, "ticketing-orders-web", "postgres", 5432)
    assert connects(cluster, "ticketing-inventory-live", "nats", 4222)
    assert not connects(cluster, "ticketing-inventory-live", "postgres", 5432)


def connects(cluster: Cluster, source: str, host: str, port: int) -> bool:
    ask = f"import socket; socket.create_connection(({host!r}, {port}), 2)\nprint('connected')"
    return cluster.exec(source, "python", "-c", ask, check=False) == "connected"


def test_a_rolling_update_under_calls_loses_none(cluster, rendered, box_office, order) -> None:  # type: ignore[no-untyped-def]
    """New pods are ready before old ones go; these finish their calls on SIGTERM (design 6)."""
    seen: dict[str, Any] = {}
    watcher = threading.Thread(target=lambda: seen.update(box_office("watch", order["id"])))
    before = {pod.name for pod in cluster.of_owner("ticketing-orders-core")}
    others = {pod.name for pod in cluster.of_owner("ticketing-catalog-core")}
    kept = [each for each in cluster.objects if each["metadata"]["name"] in BESIDE]
    watcher.start()
    try:
        cluster.upgrade([*kept, *rendered(services={"orders": {"core": {"env": {"ORDERS_GRPC_THREADS": "40"}}}})])
    finally:
        cluster.exec("box-office", "touch", "enough")
        watcher.join()
    assert not before & {pod.name for pod in cluster.of_owner("ticketing-orders-core")}
    assert others == {pod.name for pod in cluster.of_owner("ticketing-catalog-core")}
    assert seen["answers"] > 100
    assert seen["errors"] == []
    assert cluster.killed == []


BESIDE = ("postgres", "nats", "redis", "box-office", "first-administrator", "till-t01")


def test_a_till_in_a_container_sells_and_uploads_its_sale(cluster, rendered, filled, box_office) -> None:  # type: ignore[no-untyped-def]
    """The till enrols with its code, leases places, seals the sale on its disk, prints, and uploads (A1, L3)."""
    code = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "till-t01"},
        "stringData": {"CODE": filled["code"]},
    }
    kept = [each for each in cluster.objects if each["metadata"]["name"] in BESIDE]
    cluster.upgrade([*kept, code, *rendered(till={"enabled": True, "enrolmentSecret": "till-t01"})])
    url = cluster.url("ticketing-till", "http")
    sale = sell_one(url, CASHIER, PIN)
    assert sale["total"] > 0
    panel = Till(cluster.url("ticketing-till", "panel"))
    assert until(lambda: panel.get("/api/papers")["papers"])
    till = Till(url)
    until(lambda: till.get("/api/state")["waiting_entries"] == 0)


def test_the_audit_of_the_chart_finds_every_rule_kept(cluster: Cluster, order: dict[str, Any]) -> None:
    said = cluster.run_job(cluster.get("CronJob", "ticketing-audit"))
    assert "every rule holds" in said
    assert ", 0 sales" not in said


def test_every_process_ends_by_itself_when_told_to(cluster: Cluster) -> None:
    """SIGTERM ends each role within its grace: nothing is killed, and it says that all went well."""
    roles = ("accounts-core", "catalog-web", "cashdesk-core", "inventory-live", "till")
    for name in (f"ticketing-{role}" for role in roles):
        pod = cluster.of_owner(name)[0]
        cluster.drop(pod)
        ends = {name: cluster.statuses[name] for name in cluster.statuses if name.startswith(pod.name)}
        assert set(ends.values()) == {"0"}, ends
    assert cluster.killed == []
