"""scripts/bench, after installing and building."""

import argparse
import os
import platform
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from stack.progress import Failure, say

from .benchmarks import ALL, ALONE, LARGE, SERVED, Bench
from .dovecot import Dovecot
from .servers import PASSWORD, Posthouse
from .table import Row


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measures Posthouse beside Dovecot, and Postfix in front of it, in one run; both durable.",
        epilog="Benchmarks: " + "; ".join(f"{name}" for name in ALL))
    parser.add_argument("names", nargs="*", metavar="name", help="what to measure (default: everything)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="of each, of which the median counts (default: 3)")
    parser.add_argument("--scale", type=float, default=1.0, metavar="X", help="multiplies all counts; 0.1 for a first look")
    parser.add_argument("--check", action="store_true", help="exit status 1 if an aim is missed, or none was measured")
    parser.add_argument("--no-install", action="store_true", help="do not look for missing Debian packages")
    parser.add_argument("--no-build", action="store_true", help="measure what is built already")
    parser.add_argument("--check-options", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.names if name not in ALL]:
        parser.error(f"there is no benchmark {unknown[0]}; there are {', '.join(ALL)}")
    if chosen.runs < 1 or chosen.scale <= 0:
        parser.error("--runs and --scale are above 0")
    return chosen


def milliseconds_of_a_flush() -> float:
    """What one durable write costs here, without which no figure means anything: 8 KiB and fdatasync, the mean of many."""
    with tempfile.TemporaryFile(dir="/var/tmp") as file:
        began = time.monotonic()
        for _ in range(200):
            os.pwrite(file.fileno(), b"x" * 8192, 0)
            os.fdatasync(file.fileno())
        return (time.monotonic() - began) * 1000 / 200


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def measure_servers(names: list[str], chosen: argparse.Namespace, rows: list[Row]) -> None:
    with ExitStack() as running:
        ours = Posthouse()
        running.callback(ours.stop)
        ours.start()
        dovecot = Dovecot(PASSWORD, *ours.certificate())
        running.callback(dovecot.stop)
        dovecot.start()
        bench = Bench(ours, dovecot, chosen.runs, chosen.scale, large=max(1000, round(LARGE * chosen.scale)))
        for name in names:
            say(f"  {name}")
            rows += SERVED[name](bench)


def main() -> int:
    chosen = options()
    if chosen.check_options:
        return 0
    say(f"{os.cpu_count()} processors ({processor()}), load {os.getloadavg()[0]:.1f}, a durable write of 8 KiB {milliseconds_of_a_flush():.2f} ms")
    rows = []
    try:
        names = chosen.names or ALL
        for name in [name for name in names if name in ALONE]:
            say(f"  {name}")
            rows += ALONE[name](chosen.runs, chosen.scale)
        if served := [name for name in names if name in SERVED]:
            measure_servers(served, chosen, rows)
    except Failure as failure:
        print(f"\n{failure}", file=sys.stderr, flush=True)
        return 1
    finally:
        if rows:
            say(f"\nMedians of {chosen.runs}, and from the smallest to the largest:\n")
            for row in rows:
                say("\n".join(row.lines(Posthouse.name)))
    aims = [aim for row in rows for aim in row.aims(Posthouse.name)]
    if aims:
        say("\n" + "\n".join(line for _, line in aims))
    if chosen.check and not aims:
        say("\nNone of these benchmarks has an aim")
    met = bool(aims) and all(met for met, _ in aims)
    return 0 if met or not chosen.check else 1


if __name__ == "__main__":
    sys.exit(main())
