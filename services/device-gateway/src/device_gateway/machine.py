"""The machine that a till lives on."""

import sys
import uuid

_RANDOM = 1 << 40  # the bit of an address that no network card has: uuid made it up


def mac_address() -> str:
    """As in 02:00:00:00:00:01; empty when the machine has none, or none that stays."""
    number = uuid.getnode()
    if number & _RANDOM:
        return ""
    return ":".join(f"{number:012x}"[place : place + 2] for place in range(0, 12, 2))


def peak_memory_bytes() -> int:
    """The most that this process ever held; 0 where the system does not tell (Windows)."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
