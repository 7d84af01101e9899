"""What the reader of the terminal sees: one line a step, with how long it took."""

import os
import sys
import time
from contextlib import contextmanager


class Failure(Exception):
    """The stack cannot be started; the text says why and what to do."""


def say(text: str = "", end: str = "\n") -> None:
    try:
        print(text, end=end, flush=True)
    except BrokenPipeError:  # a reader such as head(1) that has seen enough: the stack is none of its business
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def step(name: str):
    started = time.monotonic()
    say(f"  {name:<52}", end="")
    try:
        yield
    except BaseException:
        say("failed")
        raise
    say(f"{time.monotonic() - started:5.1f} s")
