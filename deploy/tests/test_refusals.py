"""Wrong values are refused with a sentence that names the value and says what to do."""

from typing import Any

import pytest
from charts.helm import ChartError
from scenarios import Render

REFUSED: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "a caller of nobody": (
        "suite",
        {"services": {"orders": {"core": {"uses": ["inventry"]}}}},
        ('services.orders.core.uses names "inventry", which is no service', "inventory, orders"),
    ),
    "a missing secret": (
        "suite",
        {"services": {"orders": {"secretKeys": ["TICKET_KEY", "OTHER_KEY"]}}},
        ("services.orders: give existingSecret", "or else secret.OTHER_KEY"),
    ),
    "no shared secret": ("single", {"shared": {"existingSecret": ""}}, ("shared: give existingSecret", "NATS_URL")),
    "a short service secret": ("suite", {"shared": {"secret": {"SERVICE_SECRET": "short"}}}, ("SERVICE_SECRET", "32")),
    "too little grace": (
        "suite",
        {"serviceDefaults": {"terminationGracePeriodSeconds": 11}},
        ("terminationGracePeriodSeconds must be above 11",),
    ),
    "scaling upside down": (
        "ha",
        {"services": {"catalog": {"web": {"autoscaling": {"minReplicas": 9}}}}},
        ("services.catalog.web.autoscaling: minReplicas (9) is above maxReplicas (6)",),
    ),
    "nothing to install": (
        "single",
        {"services": {"orders": {"enabled": False}}},
        ("no service is enabled: set services.<name>.enabled to true",),
    ),
    "an ingress without host": ("suite", {"ingress": {"host": ""}}, ("ingress.host is needed",)),
    "an administrator without accounts": (
        "single",
        {"bootstrap": {"existingSecret": "first"}},
        ("services.accounts.enabled is false in this release",),
    ),
    "a till without code": ("suite", {"till": {"enabled": True}}, ("till.enrolmentSecret is needed",)),
    "a misspelt value": ("suite", {"servces": {}}, ("servces",)),
    "a misspelt value inside": ("suite", {"services": {"orders": {"core": {"replica": 2}}}}, ("replica",)),
    "a floating tag": ("suite", {"image": {"tag": "latest"}}, ("/image/tag",)),
    "no replicas": ("suite", {"services": {"orders": {"core": {"replicas": 0}}}}, ("replicas", "minimum")),
    "a target without port": ("suite", {"targets": {"accounts": "accounts.example.org"}}, ("/targets/accounts",)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_values_are_refused(case: str, rendered: Render) -> None:
    scenario, changes, words = REFUSED[case]
    with pytest.raises(ChartError) as refusal:
        rendered(scenario, **changes)
    for word in words:
        assert word in str(refusal.value)
