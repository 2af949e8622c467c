"""The chart in every scenario: lint, schemas, references, who may reach whom (design 6; issue 2, item 5)."""

import pytest
from charts.helm import lint, render, schema
from charts.model import Model, addresses, containers, ident, template
from charts.rules import matrix, rules
from scenarios import CHART, OUTSIDE, SERVICES, Render, values_of


@pytest.mark.parametrize("scenario", OUTSIDE)
def test_a_scenario_lints_fits_two_kubernetes_versions_and_keeps_the_rules(scenario: str) -> None:
    objects = render(CHART, values_of(scenario))
    assert lint(CHART, values_of(scenario)) == []
    assert schema(objects, ["1.31", "1.36"]) == []
    assert rules(objects, OUTSIDE[scenario]) == []


def test_every_scenario_of_ci_is_checked() -> None:
    assert {path.name.removesuffix("-values.yaml") for path in (CHART / "ci").iterdir()} == set(OUTSIDE)


def test_the_whole_suite_has_a_core_a_front_and_a_migration_per_service(rendered: Render) -> None:
    names = {ident(each) for each in rendered("suite")}
    for service in SERVICES:
        assert f"Deployment/ticketing-{service}-core" in names
        assert f"Deployment/ticketing-{service}-web" in names
        assert f"Job/ticketing-{service}-migrate" in names
    assert not any("device-gateway" in name or "till" in name for name in names)


def test_a_release_of_one_service_holds_nothing_of_the_others(rendered: Render) -> None:
    objects = rendered("single")
    workloads = {ident(each) for each in Model(objects).workloads}
    assert workloads == {
        "Deployment/ticketing-orders-core",
        "Deployment/ticketing-orders-web",
        "Job/ticketing-orders-migrate",
    }
    images = {c["image"] for each in Model(objects).workloads for c in containers(each)}
    assert images == {"registry.example.org/ticketing/orders:0.4.2"}


def test_only_its_callers_the_audit_and_the_tills_reach_a_core(rendered: Render) -> None:
    """Default deny, then what `uses` says (both sides of it)."""
    reached = matrix(rendered("suite"))
    assert reached["ticketing-inventory:7410"] == [
        "Deployment/ticketing-inventory-web",
        "Deployment/ticketing-inventory-live",
        "Deployment/ticketing-orders-core",
        "CronJob/ticketing-audit",
        "outside",
    ]
    assert reached["ticketing-reporting:7410"] == ["Deployment/ticketing-reporting-web", "CronJob/ticketing-audit"]
    assert reached["ticketing-orders:7420"] == ["CronJob/ticketing-audit", "outside"]
    assert reached["ticketing-orders-web:7400"] == ["outside"]
    assert reached["ticketing-inventory-live:7400"] == ["outside"]


def test_only_services_that_tills_call_have_a_grpc_path(rendered: Render) -> None:
    ingresses = {each["metadata"]["name"]: each for each in rendered("suite") if each["kind"] == "Ingress"}
    paths = [each["path"] for each in ingresses["ticketing-grpc"]["spec"]["rules"][0]["http"]["paths"]]
    assert paths == [
        f"/ticketing.{service}.v1.{service.title()}Service"
        for service in ("accounts", "cashdesk", "catalog", "documents", "inventory", "orders")
    ]


def test_live_plans_have_a_path_beside_the_pages_so_that_the_sign_in_cookie_goes_there(rendered: Render) -> None:
    """G7: one gateway for all, where only its service is released."""
    (pages,) = (each for each in rendered("suite") if ident(each) == "Ingress/ticketing-web")
    backends = {each["path"]: each["backend"]["service"]["name"] for each in pages["spec"]["rules"][0]["http"]["paths"]}
    assert backends["/live"] == "ticketing-inventory-live"
    assert not any("live" in ident(each) for each in rendered("single"))


def test_the_ingress_shows_neither_metrics_nor_health(rendered: Render) -> None:
    ingresses = [each for each in rendered("suite") if each["kind"] == "Ingress"]
    paths = [path for each in ingresses for path in each["spec"]["rules"][0]["http"]["paths"]]
    assert {path["path"] for path in paths if path["pathType"] == "Exact"} == {"/"}
    assert not any(path["path"] == "/" for path in paths if path["pathType"] == "Prefix")


def test_a_pod_gets_its_own_secrets_and_the_migration_the_owners_url_alone(rendered: Render) -> None:
    """M2: what a process does not need, it cannot leak."""
    secrets: dict[str, set[str]] = {}
    for each in Model(rendered("suite")).workloads:
        for container in containers(each):
            given = {v["name"] for v in container["env"] if "secretKeyRef" in (v.get("valueFrom") or {})}
            secrets[each["metadata"]["name"]] = given
    assert secrets["ticketing-orders-migrate"] == {"ORDERS_MIGRATE_DATABASE_URL"}
    assert secrets["ticketing-orders-web"] == {"ORDERS_WEB_SECRET_KEY"}
    assert secrets["ticketing-inventory-live"] == {"INVENTORY_NATS_URL", "INVENTORY_REDIS_URL"}
    assert secrets["ticketing-orders-core"] == {
        *("ORDERS_DATABASE_URL", "ORDERS_NATS_URL", "ORDERS_REDIS_URL", "ORDERS_SERVICE_SECRET", "ORDERS_TICKET_KEY"),
    }


def test_the_owners_password_is_gone_once_the_migration_has_succeeded(rendered: Render) -> None:
    holders = [e for e in rendered("suite") if "MIGRATE_DATABASE_URL" in (e.get("stringData") or {})]
    assert len(holders) == len(SERVICES)
    assert all("hook-succeeded" in e["metadata"]["annotations"]["helm.sh/hook-delete-policy"] for e in holders)


def test_a_changed_setting_restarts_the_pods_that_read_it(rendered: Render) -> None:
    def hashes(**changes: object) -> set[str]:
        workloads = [each for each in rendered("suite", **changes) if each["kind"] == "Deployment"]
        return {template(each)["metadata"]["annotations"]["checksum/settings"] for each in workloads}

    assert hashes() != hashes(settings={"logLevel": "DEBUG"})


def test_a_service_elsewhere_is_called_at_the_address_that_is_given(rendered: Render) -> None:
    objects = rendered("single", targets={"accounts": "grpcs://accounts.example.org:8443"})
    core = next(each for each in objects if ident(each) == "Deployment/ticketing-orders-core")
    variables = {each["name"]: each.get("value") for each in containers(core)[0]["env"]}
    assert variables["ORDERS_ACCOUNTS_TARGET"] == "grpcs://accounts.example.org:8443"
    policies = [each for each in objects if ident(each) == "NetworkPolicy/ticketing-orders-core"]
    assert any(rule["ports"][0]["port"] == 8443 for rule in policies[0]["spec"]["egress"])


def test_a_till_is_told_every_service_that_it_calls(rendered: Render) -> None:
    from device_gateway.config import CENTRE_SERVICES

    objects = rendered("ha")
    till = next(each for each in objects if ident(each) == "StatefulSet/ticketing-till")
    called = {host for variable, host, _ in addresses(Model(objects), till) if variable == "TILL_CENTRE_TARGETS"}
    assert called == {f"ticketing-{service}" for service in CENTRE_SERVICES}
