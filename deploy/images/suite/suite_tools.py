"""The image's entry: `audit` proves the invariants of the suite that AUDIT_* variables name, 0 when all hold."""

import argparse
import sys

from kit.config import ConfigError
from suite.audit import report, run
from suite.audit.services import services_from


def main() -> int:
    parser = argparse.ArgumentParser("suite_tools", description=__doc__)
    parser.add_argument("command", choices=("audit",))
    parser.parse_args()
    try:
        return report(run(services_from()))
    except ConfigError as error:
        print(f"audit: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
