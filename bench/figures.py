"""A figure, its floor in the same run, and what it should reach."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
TABLES = Path(__file__).parents[1] / "docs" / "measured.md"  # a table of each stands between its two marks


@dataclass(frozen=True)
class Figure:
    """One measurement. `to_reach` reads "<= 50", ">= 300" or "ratio >= 2"; empty when nothing is promised."""

    figure: str
    value: float
    unit: str
    floor: float | None = None
    to_reach: str = ""

    @property
    def ratio(self) -> float | None:
        """Value over floor."""
        return round(self.value / self.floor, 3) if self.floor else None

    @property
    def holds(self) -> bool | None:
        """Whether the promise is kept; None when there is none."""
        if not self.to_reach:
            return None
        *of, sign, limit = self.to_reach.split()
        value = (self.ratio or 0) if of else self.value
        return value <= float(limit) if sign == "<=" else value >= float(limit)


def publish(name: str, figures: Sequence[Figure]) -> None:
    """Write bench/results/<name>.json, and the same as a table where people read it; print that too."""
    RESULTS.mkdir(exist_ok=True)
    rows = [asdict(f) | {"value": round(f.value, 2), "ratio": f.ratio, "holds": f.holds} for f in figures]
    result = {"name": name, "commit": commit(), "machine": machine(), "figures": rows}
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    table = f"At {result['commit']} on {result['machine']}.\n\n{as_table(rows)}"
    print(f"\n{name}\n\n{table}")
    begin, end = f"<!-- bench:{name} -->\n", f"\n<!-- /bench:{name} -->"
    before, _, rest = TABLES.read_text().partition(begin)
    _, _, after = rest.partition(end)
    TABLES.write_text(before + begin + table + end + after)


def as_table(rows: Sequence[dict]) -> str:
    """Markdown."""
    lines = ["| figure | value | floor | ratio | to reach | holds |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        floor = "" if row["floor"] is None else f"{row['floor']:g}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:g}"
        holds = {True: "yes", False: "no", None: ""}[row["holds"]]
        lines.append(
            f"| `{row['figure']}` | {row['value']:g} {row['unit']} | {floor} | {ratio} | {row['to_reach']} | {holds} |"
        )
    return "\n".join(lines)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed; percentile(v, 0.99) is the p99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], text=True, capture_output=True)
    return done.stdout.strip() or "unknown"


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
