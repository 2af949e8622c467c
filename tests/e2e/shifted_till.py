"""The till's own process on a machine whose clock is off by the seconds that a file says, at each moment."""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from kit import clock

OFFSET_FILE = "SHIFTED_TILL_OFFSET_FILE"
_right_now = clock.now


def shifted() -> datetime:
    return _right_now() + timedelta(seconds=float(Path(os.environ[OFFSET_FILE]).read_text()))


if __name__ == "__main__":
    clock.now = shifted  # before anything of the till is imported: its modules take the function by name
    from device_gateway.main import main

    sys.exit(main())
