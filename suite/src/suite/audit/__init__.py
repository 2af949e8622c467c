"""The audit: walks all services by RPC and proves the rules that never bend (docs/architecture.md).

It reads only what the services answer, and recomputes everything from the sealed journals.
"""

import sys
import time

from suite.audit.conflicts import Conflicts, read_conflicts
from suite.audit.journals import Journals, read_journals
from suite.audit.rules import RULES, Finding
from suite.audit.services import Services, services_of
from suite.machine import Machine

SETTLE_SECONDS = 30


def main(machine: Machine) -> int:
    """Audit the suite that runs on this machine; 0 when nothing is found."""
    return report(run(services_of(machine)))


def run(services: Services, settle_seconds: float = SETTLE_SECONDS) -> list[Finding]:
    """Every breach of every rule.

    Facts travel by events, so what is found is looked at again until it is gone or `settle_seconds` have passed: what
    remains in a suite where nobody sells any more is a fault.
    """
    end = time.monotonic() + settle_seconds
    while True:
        journals = read_journals(services)
        findings = [finding for rule in RULES for finding in rule(services, journals)]
        if not findings or time.monotonic() > end:
            summarise(journals, read_conflicts(services))
            return findings
        time.sleep(1)


def summarise(journals: Journals, conflicts: Conflicts) -> None:
    """Say what was looked at: a clean audit of nothing proves nothing."""
    entries = sum(len(journal.sealed) for journal in journals.by_till.values())
    total = sum(sealed.total for sealed in journals.sealed())
    sealed = f"{len(journals.sales)} sales, {len(journals.refunds)} refunds"
    print(f"audit: {len(journals.by_till)} journals, {entries} entries, {sealed}, {total / 100:.2f} taken")
    for conflict in conflicts.waiting:
        tickets = ", ".join(claim.human_code for claim in conflict.claims)
        print(
            f"audit: sold twice, and waiting for a decision: performance {conflict.performance_id}, tickets {tickets}"
        )


def report(findings: list[Finding]) -> int:
    """Print the findings; the exit status."""
    for finding in findings:
        print(f"{finding.rule}: {finding.detail}", file=sys.stderr)
    print("audit: every rule holds" if not findings else f"audit: {len(findings)} breaches")
    return 1 if findings else 0
