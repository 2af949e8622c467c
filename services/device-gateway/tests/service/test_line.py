"""The till's way to the centre: one address, TLS, and a proxy that asks who calls (R1, R2, R4)."""

import base64
import datetime
import os
import socket
import threading
import uuid

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from device_gateway import proxy, sync
from device_gateway.centre import Centre
from device_gateway.config import CENTRE_SERVICES
from device_gateway.domain.errors import ProxyRefused
from device_gateway.store import meta
from kit import grpc_client
from kit.config import ConfigError
from kit.errors import Unavailable
from kit.testing import eventually

PASSWORD = "p@ss:wörd"


def certificate() -> tuple[bytes, bytes]:
    """(key, certificate) for every name under centre.example, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "centre.example")])
    at = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(at - datetime.timedelta(hours=1))
        .not_valid_after(at + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("*.centre.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain), made.public_bytes(encoding)


class StrictProxy:
    """Lets who knows the password through to one host on port 443, and refuses everything else."""

    def __init__(self, host: str, behind: int) -> None:
        self.host, self.behind = host, behind
        self.opened, self.refused = 0, 0
        self._sockets: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """The lines that are open break."""
        for each in self._sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it was closed already

    def stop(self) -> None:
        self._door.close()
        self.cut()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(caller,), daemon=True).start()

    def _answer(self, caller: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            if not (got := caller.recv(4096)):
                return
            asked += got
        first, *headers = asked.decode("latin-1").split("\r\n")
        told = {key.lower(): value for key, _, value in (header.partition(": ") for header in headers)}
        expected = "Basic " + base64.b64encode(f"till:{PASSWORD}".encode()).decode()
        if told.get("proxy-authorization") != expected:
            self.refused += 1
            caller.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            caller.close()
            return
        if first != f"CONNECT {self.host}:443 HTTP/1.1":
            caller.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            caller.close()
            return
        self.opened += 1
        centre = socket.create_connection(("127.0.0.1", self.behind))
        caller.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self._sockets += [caller, centre]
        for source, sink in ((caller, centre), (centre, caller)):
            threading.Thread(target=_pass_on, args=(source, sink), daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    try:
        while got := source.recv(65536):
            sink.sendall(got)
    except OSError:
        pass  # the line was cut
    finally:
        sink.close()


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    """The edge's key and certificate, which this process trusts from now on."""
    key, chain = certificate()
    trusted = tmp_path_factory.mktemp("tls") / "roots.pem"
    trusted.write_bytes(chain)
    os.environ["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"] = str(trusted)
    yield grpc.ssl_server_credentials([(key, chain)])
    del os.environ["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"]


@pytest.fixture
def line(centre, tls):
    """The centre on one TLS address that only the proxy knows: no name server has ever heard of it."""
    edge, port = centre.serve(tls)
    made = StrictProxy(f"{uuid.uuid4().hex[:8]}.centre.example", port)
    yield made
    made.stop()
    edge.stop(0).wait()


@pytest.fixture
def through(line, tmp_path, monkeypatch):
    """A client of the centre through the proxy, with this user and password."""
    monkeypatch.setenv("grpc_proxy", "")

    def make(credentials: str) -> Centre:
        file = tmp_path / "proxy"
        file.write_text(f"http://{credentials}@127.0.0.1:{line.port}\n")
        proxy.use(file)
        return Centre(dict.fromkeys(CENTRE_SERVICES, f"grpcs://{line.host}:443"))

    yield make
    grpc_client._plain.pop(f"grpcs://{line.host}:443", None)


GOOD = "till:p%40ss%3Aw%C3%B6rd"


def test_a_till_needs_one_address_and_the_password_of_its_proxy(world, centre, line, through):
    """R1, R2: every service over one connection to port 443; nothing else is let through."""
    client = through(GOOD)
    sync.renew(world.till, client)
    sync.fetch_roster(world.till, client)
    sync.fetch_snapshot(world.till, client)
    sync.fetch_templates(world.till, client)
    sync.sync_leases(world.till, client)
    sync.upload(world.till, client)
    assert len(centre.kept) == len(world.journal())
    assert (line.opened, line.refused) == (1, 0)


def test_a_wrong_password_is_told_as_such(world, line, through):
    """R2: and never shown."""
    with pytest.raises(ProxyRefused) as refused:
        sync.renew(world.till, through("till:wrong"))
    assert "wrong" not in str(refused.value)
    assert line.opened == 0
    assert line.refused > 0


def test_the_till_says_that_it_is_the_proxy(world, line, through):
    """R2: until the centre answers."""
    running = sync.Sync(world.till, through("till:wrong"), pace=0.05)
    running.start()
    try:
        eventually(lambda: world.till.line.problem == "PROXY_REFUSED")
    finally:
        running.stop()
    world.till.line.answered(world.at)
    assert world.till.line.problem == ""


def test_a_line_that_breaks_loses_nothing(world, centre, line, through):
    """R4: the answer of an upload that the cut swallowed is made up for on the next line."""
    client = through(GOOD)
    sync.upload(world.till, client)
    line.cut()

    def uploaded() -> bool:
        try:
            sync.fetch_roster(world.till, client)
            return not sync.upload(world.till, client)
        except Unavailable:
            return False

    eventually(uploaded)
    assert line.opened > 1
    assert [entry.content for entry in centre.kept] == [sealed.bytes for sealed in world.journal()]
    assert meta.number(world.till.database.read(), meta.ACKNOWLEDGED) == len(world.journal())


@pytest.mark.parametrize("content", ["", "proxy:3128", "https://proxy:3128", "http://proxy", "http://u:secret@proxy:x"])
def test_a_wrong_proxy_file_is_refused_without_telling_what_is_in_it(tmp_path, content):
    file = tmp_path / "proxy"
    file.write_text(content)
    with pytest.raises(ConfigError) as refused:
        proxy.use(file)
    assert "secret" not in str(refused.value)
