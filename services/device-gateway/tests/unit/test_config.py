"""Settings of the roles."""

import json

import pytest

from device_gateway.config import CENTRE_SERVICES, simulators_config, till_config
from kit.config import ConfigError

TARGETS = json.dumps({service: "grpc://127.0.0.1:1" for service in CENTRE_SERVICES})
GOOD = {
    "TILL_PORT": "7401",
    "TILL_DATA_DIR": "/tmp/till",
    "TILL_CENTRE_TARGETS": TARGETS,
    "TILL_TICKET_PRINTER": "tcp://127.0.0.1:7440",
    "TILL_RECEIPT_PRINTER": "tcp://printer:9100",
}


def test_a_till_listens_on_loopback_unless_told_otherwise():
    config = till_config(GOOD)
    assert (config.bind, config.devices[1].address) == ("127.0.0.1", "tcp://printer:9100")
    opened = till_config(GOOD | {"TILL_BIND": "0.0.0.0", "TILL_ALLOWED_HOSTS": "till.example, T1:8080"})
    assert opened.allowed_hosts == {"till.example", "t1:8080"}


def test_a_printers_language_and_abilities_are_named_with_its_driver():
    """C1, C2."""
    ticket, receipt = till_config(GOOD | {"TILL_TICKET_DRIVER": "fgl dpi=300 cut=false"}).devices
    assert (ticket.driver, ticket.options) == ("fgl", {"dpi": 300, "cut": False})
    assert (receipt.driver, receipt.options) == ("escpos", {})


def test_a_terminals_language_and_settings_are_named_with_its_driver():
    """C4."""
    terminal = till_config(GOOD | {"TILL_TERMINAL": "tcp://tpe:8888", "TILL_TERMINAL_DRIVER": "zvt password=000123"})
    assert (terminal.devices[-1].driver, terminal.devices[-1].options) == ("zvt", {"password": "000123"})
    assert till_config(GOOD | {"TILL_TERMINAL": "tcp://tpe:8888"}).devices[-1].driver == "caisse_ap"


def test_one_address_on_443_serves_for_every_service():
    """R1."""
    config = till_config(GOOD | {"TILL_CENTRE_TARGETS": "", "TILL_CENTRE_URL": "https://tickets.example"})
    assert config.centre_targets == dict.fromkeys(CENTRE_SERVICES, "grpcs://tickets.example:443")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"TILL_PORT": ""}, "TILL_PORT"),
        ({"TILL_CENTRE_TARGETS": "{"}, "TILL_CENTRE_TARGETS"),
        ({"TILL_CENTRE_TARGETS": "{}"}, "accounts"),
        ({"TILL_CENTRE_URL": "https://tickets.example"}, "keep one"),
        ({"TILL_CENTRE_TARGETS": "", "TILL_CENTRE_URL": "http://tickets.example"}, "TILL_CENTRE_URL"),
        ({"TILL_CENTRE_TARGETS": "", "TILL_CENTRE_URL": "https://tickets.example/till"}, "TILL_CENTRE_URL"),
        ({"TILL_CENTRE_TARGETS": "", "TILL_CENTRE_URL": "https://tickets.example:x"}, "TILL_CENTRE_URL"),
        ({"TILL_CENTRE_TARGETS": ""}, "TILL_CENTRE_TARGETS"),
        ({"TILL_TICKET_PRINTER": "usb:1"}, "TILL_TICKET_PRINTER"),
        ({"TILL_RECEIPT_PRINTER": "tcp://printer:port"}, "TILL_RECEIPT_PRINTER"),
        ({"TILL_TICKET_DRIVER": "epl"}, "TILL_TICKET_DRIVER must begin with one of escpos, fgl, zpl"),
        ({"TILL_TICKET_DRIVER": "fgl dots=384"}, "TILL_TICKET_DRIVER: there is no option dots"),
        ({"TILL_TICKET_DRIVER": "zpl dpi=many"}, "TILL_TICKET_DRIVER: dpi must be a whole number"),
        ({"TILL_TICKET_DRIVER": "zpl dpi=12"}, "TILL_TICKET_DRIVER: dpi must be from 100 to 600"),
        ({"TILL_RECEIPT_DRIVER": "escpos dots=383"}, "TILL_RECEIPT_DRIVER: dots must be a multiple of 8"),
        ({"TILL_TERMINAL": "tpe"}, "TILL_TERMINAL"),
        ({"TILL_TERMINAL": "tcp://tpe:1", "TILL_TERMINAL_DRIVER": "telepathy"}, "TILL_TERMINAL_DRIVER"),
        ({"TILL_TERMINAL": "tcp://tpe:1", "TILL_TERMINAL_DRIVER": "nexo"}, "poi_id"),
        ({"TILL_BIND": "0.0.0.0"}, "TILL_ALLOWED_HOSTS"),
    ],
)
def test_a_wrong_setting_is_named(change, named):
    with pytest.raises(ConfigError, match=named):
        till_config(GOOD | change)


def test_simulators_name_what_they_miss():
    with pytest.raises(ConfigError, match="SIM_PANEL_PORT"):
        simulators_config({})
