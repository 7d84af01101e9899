"""On which processors something runs."""

import os
from pathlib import Path


def pin(pid: int) -> None:
    """A process to one processor, the first: all of its threads."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {0})
