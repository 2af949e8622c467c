"""Bytes to devices that are no socket: serial ports (on pseudo-terminals), device files, a folder."""

import contextlib
import os
import subprocess
import sys
import termios
import threading
import tty

import pytest

from device_gateway.devices import addresses
from device_gateway.devices.serial_port import SerialSettings, settings_of
from device_gateway.devices.transport import BadAddress, TransportError


@pytest.fixture
def cable():
    """(the device's end, the address of the till's end)."""
    device, till = os.openpty()
    tty.setraw(device)
    yield device, f"serial:{os.ttyname(till)}?baud=19200"
    os.close(till)
    with contextlib.suppress(OSError):  # the test has cut it
        os.close(device)


def test_a_serial_line_carries_every_byte_both_ways(cable):
    device, address = cable
    line = addresses.at(address)
    line.connect()
    every = bytes(range(256))
    line.write(every)
    assert os.read(device, 1000) == every
    os.write(device, every)
    heard = b""
    while len(heard) < 256:
        piece = line.read(5)
        assert piece, "the line fell silent"
        heard += piece
    assert heard == every
    line.close()


def test_silence_is_empty_and_old_bytes_are_drained(cable):
    device, address = cable
    line = addresses.at(address)
    line.connect()
    assert (line.read(0.01), line.drain()) == (b"", b"")
    os.write(device, b"\x12\x0f")
    assert line.read(5)[:1] == b"\x12"
    line.drain()
    assert line.drain() == b""
    line.close()


def test_a_port_that_another_program_has_cannot_be_opened(cable):
    address = cable[1]
    first, second = addresses.at(address), addresses.at(address)
    first.connect()
    with pytest.raises(TransportError, match="cannot open"):
        second.connect()
    first.close()
    second.connect()
    second.close()


def test_a_pulled_cable_is_told_and_a_plugged_one_is_a_new_connection(cable):
    device, address = cable
    line = addresses.at(address)
    line.connect()
    assert line.generation == 1
    os.close(device)
    with pytest.raises(TransportError):
        line.read(5)
    with pytest.raises(TransportError, match="not connected"):
        line.write(b"x")


@pytest.mark.parametrize(
    ("address", "settings"),
    [
        ("serial:COM3", SerialSettings("COM3", 9600, 8, "N", 1)),
        ("serial:/dev/ttyS0?baud=1200&bits=7&parity=E", SerialSettings("/dev/ttyS0", 1200, 7, "E", 1)),
        ("serial:/dev/x?parity=O&stop=2", SerialSettings("/dev/x", 9600, 8, "O", 2)),
    ],
)
def test_a_port_is_opened_as_its_address_says(address, settings, monkeypatch):
    """A pseudo-terminal ignores parity and bits, so the port itself is asked what was asked of it (peripherals 1.6)."""
    asked = {}
    monkeypatch.setattr("serial.Serial", lambda device, baud, **more: asked.update(more, device=device, baud=baud))
    assert settings_of(address) == settings
    addresses.at(address).connect()
    assert (asked["device"], asked["baud"]) == (settings.device, settings.baud)
    assert (asked["bytesize"], asked["parity"], asked["stopbits"]) == (settings.bits, settings.parity, settings.stop)
    assert asked["exclusive"] is True


def test_a_port_that_does_not_take_its_settings_is_said_to_be_out_of_reach(monkeypatch):
    """As a pseudo-terminal here does with seven bits: termios has an error of its own, which is no OSError."""

    def refuses(*_: object, **__: object) -> None:
        raise termios.error(22, "Invalid argument")

    monkeypatch.setattr("serial.Serial", refuses)
    with pytest.raises(TransportError, match="Invalid argument"):
        addresses.at("serial:/dev/ttyS0?bits=7&parity=E").connect()


def test_a_machine_without_termios_has_devices_all_the_same():
    """R8: Windows has serial ports and no termios."""
    code = "import serial, sys; sys.modules['termios'] = None; import device_gateway.devices.serial_port"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "address",
    ["", "printer", "http://printer", "tcp://printer", "tcp://printer:x", "tcp://printer:9100/a", "serial:",
     "serial:/dev/x?baud=9601", "serial:/dev/x?speed=9600", "serial:/dev/x?parity=X", "usb:lp0", "spool:here"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_what_it_must_look_like(address):
    with pytest.raises(BadAddress, match="must"):
        addresses.at(address)


def test_a_folder_takes_each_connection_as_one_file_and_is_silent(tmp_path):
    spool = addresses.at(f"spool:{tmp_path / 'cards'}")
    for job in (b"one", b"two"):
        spool.connect()
        spool.write(job[:1])
        spool.write(job[1:])
        assert (spool.read(0), spool.drain()) == (b"", b"")
        spool.close()
    assert [(file.name, file.read_bytes()) for file in sorted((tmp_path / "cards").iterdir())] == [
        ("000001.job", b"one"), ("000002.job", b"two"),
    ]  # fmt: skip


def test_a_device_file_is_written_whole_also_while_the_device_is_slow(tmp_path):
    """Stands in for /dev/usb/lp0: a pipe whose reader takes its time."""
    path = tmp_path / "lp0"
    os.mkfifo(path)
    sent, heard = os.urandom(300_000), bytearray()

    def print_it() -> None:
        with path.open("rb") as device:
            while len(heard) < len(sent):
                heard.extend(device.read(4000))

    device = threading.Thread(target=print_it)
    device.start()
    printer = addresses.at(f"usb:{path}")
    printer.connect()
    printer.write(sent)
    device.join(10)
    assert bytes(heard) == sent
    printer.close()


def test_a_device_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(TransportError, match="cannot open"):
        addresses.at(f"usb:{tmp_path / 'lp7'}").connect()
