"""`python -m charts check|template|matrix CHART -f values.yaml`: lint, render, check; exit 1 on any breach."""

import argparse
import sys

import yaml

from charts.helm import KUBERNETES, ChartError, lint, load_values, render, schema
from charts.rules import matrix, rules


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m charts", description=__doc__)
    parser.add_argument("command", choices=("check", "template", "matrix"))
    parser.add_argument("chart")
    parser.add_argument("-f", "--values", action="append", default=[])
    parser.add_argument("--set", action="append", default=[], dest="sets")
    parser.add_argument("--name", default="ticketing", help="release")
    parser.add_argument("-n", "--namespace", default="ticketing")
    parser.add_argument("--external", nargs="*", default=[], help="Secrets and Services that exist outside the chart")
    given = parser.parse_args()
    values = load_values(given.values, given.sets)
    try:
        objects = render(given.chart, values, given.name, given.namespace)
    except ChartError as error:
        print(f"{given.chart}: {error}", file=sys.stderr)
        return 1
    if given.command == "template":
        yaml.safe_dump_all(objects, sys.stdout, sort_keys=False, allow_unicode=True)
        return 0
    if given.command == "matrix":
        for target, sources in matrix(objects).items():
            print(f"{target} <- {', '.join(sources) or 'nobody'}")
        return 0
    errors = [*lint(given.chart, values), *schema(objects, KUBERNETES), *rules(objects, given.external)]
    print("\n".join(errors) or f"{len(objects)} objects, nothing to complain of")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
