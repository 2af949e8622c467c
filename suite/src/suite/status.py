"""What runs here now: each process, its health, ports and memory."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from suite import place
from suite.machine import Machine
from suite.processes import Process, table

MIB = 1024 * 1024


@dataclass(frozen=True)
class Row:
    """One process. Memory is that of its whole tree."""

    process: str
    state: str  # ready, not ready, stopped
    pid: int
    ports: dict[str, int]
    memory_mib: float  # proportional: a page shared by n processes counts 1/n in each, so that rows add up
    rss_mib: float
    restarts: int
    log: str


def report(machine: Machine) -> dict[str, Any]:
    """The state of the suite as plain values, for `--json` and for people."""
    written = place.read_state(machine.var)
    supervisor = place.holder(machine.var)
    if supervisor is None:
        written = {}
    processes = [each for each in table(machine) if each.ready is not None]
    with ThreadPoolExecutor(max_workers=len(processes)) as pool:
        rows = list(pool.map(lambda each: _row(each, written.get("processes", {}).get(each.name, {})), processes))
    if supervisor is not None:
        pss, rss = _memory(supervisor, children=False)
        rows.insert(0, Row("supervisor", "ready", supervisor, {}, pss, rss, 0, ""))
    return {
        "phase": written.get("phase", "stopped"),
        "port_base": written.get("port_base", machine.port_base),
        "start_seconds": written.get("start_seconds"),
        "memory_mib": round(sum(row.memory_mib for row in rows), 1),
        "rss_mib": round(sum(row.rss_mib for row in rows), 1),
        "processes": [asdict(row) for row in rows],
    }


def _row(process: Process, entry: dict[str, Any]) -> Row:
    pid = entry.get("pid", 0)
    pss, rss = _memory(pid) if pid else (0.0, 0.0)
    well = bool(pid) and process.ready is not None and process.ready()
    return Row(
        process=process.name,
        state="ready" if well else "not ready" if pid else "stopped",
        pid=pid,
        ports=dict(process.ports),
        memory_mib=pss,
        rss_mib=rss,
        restarts=entry.get("restarts", 0),
        log=entry.get("log", ""),
    )


def _memory(pid: int, children: bool = True) -> tuple[float, float]:
    """Proportional and resident MiB of a process and its descendants."""
    pss = rss = 0.0
    with suppress(psutil.Error):
        parent = psutil.Process(pid)
        for each in [parent, *(parent.children(recursive=True) if children else [])]:
            with suppress(psutil.Error):
                memory = each.memory_full_info()
                rss += memory.rss
                pss += getattr(memory, "pss", memory.rss)
    return round(pss / MIB, 1), round(rss / MIB, 1)


def as_text(report: dict[str, Any]) -> str:
    """The report as a table."""
    heads = ("process", "state", "pid", "port", "memory", "restarts")
    rows = [
        (
            row["process"],
            row["state"],
            str(row["pid"] or "-"),
            " ".join(str(port) for port in row["ports"].values()) or "-",
            f"{row['memory_mib']:.0f} MiB",
            str(row["restarts"]),
        )
        for row in report["processes"]
    ]
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    return "\n".join(
        [
            f"The suite is {report['phase']} on port base {report['port_base']}; "
            f"it takes {report['memory_mib']:.0f} MiB in all.",
            "",
            _line(heads, widths),
            *(_line(row, widths) for row in rows),
        ]
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
