"""``python -m benchmarks``: measure, and print a table of goals and figures."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.figures import FIGURES, Figure, Scale


def _line(figure: Figure) -> str:
    sign = ">=" if figure.more_is_better else "<="
    goal = f"{sign} {figure.required:g}" + (f" (aim {figure.aim:g})" if figure.aim is not None else "")
    measured = f"{figure.median:.2f} ({min(figure.measured):.2f}..{max(figure.measured):.2f}) {figure.unit}"
    return f"{figure.name:52s} {goal:20s} {measured:26s} {'reached' if figure.reached else 'NOT reached'}"


def main(arguments: list[str] | None = None) -> int:
    """Measure what is asked for; return 0, whatever the figures say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the goals; see README.md here.")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"some of: {', '.join(FIGURES)} (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each (default: 5)")
    parser.add_argument("--accounts", type=int, default=10_000, help="accounts that register (default: 10000)")
    parser.add_argument("--lapses", type=int, default=100_000, help="bindings that lapse at once (default: 100000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    given = parser.parse_args(arguments)
    unknown = set(given.figures) - set(FIGURES)
    if unknown:
        parser.error(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    scale = Scale(given.accounts, given.lapses, given.rounds)
    print(f"{'figure':52s} {'goal':20s} measured: median (least..most) of {scale.rounds} rounds")
    found = []
    for name in given.figures or FIGURES:
        for figure in FIGURES[name](scale):
            found.append(figure)
            print(_line(figure), flush=True)
            if figure.remark:
                print(f"    {figure.remark}", flush=True)
    if given.json is not None:
        given.json.write_text(json.dumps([figure._asdict() for figure in found], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
