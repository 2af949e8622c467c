"""The set-up that the centre asks this till to run: verified, kept, applied between two sales (B9).

centre ──▶ take ──▶ waiting ──▶ apply ──▶ applied
             └── a signature does not hold, or it is another till's: refused, told to the centre, nothing changes
"""

import setups
from device_gateway import metrics
from device_gateway.store import meta, shifts
from device_gateway.store import setups as kept
from device_gateway.till import Till
from kit.telemetry import log


def take(till: Till, signed: setups.Signed) -> bool:
    """Keep a set-up for the next moment between two sales; False when it is refused, which is remembered and told."""
    enrolment = till.identity.enrolled()
    try:
        verified = setups.verify(signed, enrolment.root_public_key)
        if isinstance(verified, setups.TillModes) and verified.id != enrolment.till_id:
            raise setups.BadSetup("NOT_OURS", f"payment modes of the till {verified.id}")
    except setups.BadSetup as error:
        _refuse(till, signed, error)
        return False
    with till.database.write() as tx:
        if isinstance(verified, setups.ProfileVersion) and verified == kept.profile(tx):
            kept.forget_waiting(tx)
        else:
            kept.keep_waiting(tx, verified)
        meta.forget(tx, meta.SETUP_REFUSED)
    return True


def apply(till: Till) -> None:
    """Run what waits, if anything does. Only between two sales: keys and payment modes change."""
    with till.database.write() as tx:
        changed = kept.apply(tx)
    if not changed:
        return
    till.reload()
    till.wake_leases.set()
    if running := kept.profile(till.database.read()):
        metrics.SETUP.set(running.number)
        log().info("setup_applied", profile=running.id, number=running.number)


def apply_when_nobody_sells(till: Till) -> None:
    """With somebody signed in, the page says when its basket is empty."""
    connection = till.database.read()
    if kept.waits(connection) and not shifts.under_way(connection):
        apply(till)


def refused(till: Till) -> tuple[str, str]:
    """Fingerprint and reason of what this till last refused; empty when it has taken another since."""
    fingerprint, _, reason = meta.get(till.database.read(), meta.SETUP_REFUSED).partition(" ")
    return fingerprint, reason


def _refuse(till: Till, signed: setups.Signed, error: setups.BadSetup) -> None:
    told = f"{setups.fingerprint(signed.content)} {error.reason}"
    with till.database.write() as tx:
        if meta.get(tx, meta.SETUP_REFUSED) == told:
            return
        meta.put(tx, meta.SETUP_REFUSED, told)
    metrics.SETUPS_REFUSED.labels(error.reason).inc()
    log().error("setup_refused", reason=error.reason, message=str(error)[:200])
