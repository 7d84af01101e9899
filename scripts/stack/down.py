"""scripts/down: stops the stack of a data folder."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from . import lock
from .layout import ROOT, Layout


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/down", description="Stops a stack that scripts/up started.")
    parser.add_argument("--data", type=Path, default=ROOT / "var", metavar="DIR", help="its data folder (default: var/)")
    data = parser.parse_args().data
    layout = Layout(data.resolve(), 0, ROOT)
    if not layout.folder("run").is_dir():
        print(f"No stack has run in {data}.")
        return 0
    deadline = time.monotonic() + lock.STOPS_WITHIN
    asked = False
    while lock.take(layout) is None:
        if not asked:
            os.kill(lock.holder(layout), signal.SIGTERM)
            asked = True
        if time.monotonic() > deadline:
            print(f"The stack in {data} (process {lock.holder(layout)}) has not stopped within {lock.STOPS_WITHIN:.0f} s.", file=sys.stderr)
            return 1
        time.sleep(0.05)
    lock.end_leftovers(layout)
    print("Stopped." if asked else "Nothing was running.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
