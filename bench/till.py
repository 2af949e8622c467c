"""The till: alone with its past, on a line to the centre, and under a finger (`make bench NAME=till`).

The suite must be running. Figures that need no centre are measured first, in a process that has done nothing else.
"""

import shutil
import tempfile
from pathlib import Path

from bench import till_alone, till_lines, till_touch
from bench.figures import publish
from suite.audit import report, run, services_of
from suite.machine import Machine


def main(here: Machine) -> int:
    """Measure and publish. 1 when the audit finds something afterwards: a wrong till has no speed."""
    folder = Path(tempfile.mkdtemp(prefix="ticketing-bench-"))
    try:
        alone = folder / "alone"
        figures = [*till_alone.measure(alone), *till_touch.measure(here), *till_lines.measure(here, folder)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    publish("till", figures)
    return report(run(services_of(here), settle_seconds=120))
