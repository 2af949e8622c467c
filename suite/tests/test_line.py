"""The bad line that tills are tried with."""

import socket
import threading
import time

import pytest

from suite.line import Line


@pytest.fixture
def echo():
    """Answers with what it hears; its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer(peer):
        try:
            while data := peer.recv(65536):
                peer.sendall(data)
        except OSError:
            pass

    def accept():
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(peer,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield server.getsockname()
    server.close()


@pytest.fixture
def line(echo):
    with Line({"echo": echo}) as it:
        yield it


def call(line, timeout=5.0):
    host, _, port = line.targets["echo"].partition(":")
    peer = socket.create_connection((host, int(port)), timeout)
    peer.settimeout(timeout)
    return peer


def heard(peer, size):
    data = b""
    while len(data) < size:
        data += peer.recv(65536) or pytest.fail("the line broke")
    return data


def is_broken(peer):
    try:
        peer.sendall(b"?")
        return peer.recv(1) == b""
    except OSError:
        return True


def test_what_goes_in_comes_out_and_is_counted(line):
    sent = bytes(range(256)) * 1000
    peer = call(line)
    threading.Thread(target=peer.sendall, args=(sent,)).start()
    assert heard(peer, len(sent)) == sent
    assert (line.carried.up, line.carried.down) == (len(sent), len(sent))
    assert line.carried.on_the_wire > 2 * len(sent)


def test_a_cut_line_breaks_connections_and_takes_none_until_it_is_mended(line):
    peer = call(line)
    peer.sendall(b"a")
    assert heard(peer, 1) == b"a"
    line.cut()
    assert is_broken(peer)
    assert is_broken(call(line))
    line.mend()
    again = call(line)
    again.sendall(b"c")
    assert heard(again, 1) == b"c"


def test_a_silent_line_keeps_what_was_said_until_it_is_mended(line):
    peer = call(line, timeout=0.3)
    line.silence()
    peer.sendall(b"hello")
    with pytest.raises(TimeoutError):
        peer.recv(5)
    line.mend()
    peer.settimeout(5)
    assert heard(peer, 5) == b"hello"


def test_answers_are_lost_while_only_one_way_is_silent(line):
    """The centre hears and does what it is asked, and nobody learns it."""
    peer = call(line, timeout=0.3)
    line.silence("down")
    peer.sendall(b"hello")
    with pytest.raises(TimeoutError):
        peer.recv(5)
    assert line.carried.up == 5
    line.cut()
    line.mend()
    assert is_broken(peer)


def test_a_far_line_answers_no_sooner_than_it_can(line):
    line.slow(delay_seconds=0.1)
    peer = call(line)
    began = time.monotonic()
    peer.sendall(b"x")
    heard(peer, 1)
    assert time.monotonic() - began >= 0.2


def test_a_narrow_line_carries_no_more_than_it_can(line):
    line.slow(bytes_per_second=100_000)
    peer = call(line)
    began = time.monotonic()
    peer.sendall(bytes(30_000))
    heard(peer, 30_000)
    assert time.monotonic() - began >= 0.3


def test_a_target_that_is_away_is_a_broken_connection(echo):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = gone.getsockname()
    with Line({"echo": address}) as line:
        assert is_broken(call(line))
