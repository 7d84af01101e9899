"""What the reader of the terminal sees: one line a step, with how long it took."""

import sys
import time
from contextlib import contextmanager


class Failure(Exception):
    """The stack cannot be started; the text says why and what to do."""


def say(text: str = "") -> None:
    print(text, flush=True)


@contextmanager
def step(name: str):
    started = time.monotonic()
    sys.stdout.write(f"  {name:<52}")
    sys.stdout.flush()
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - started:5.1f} s")
