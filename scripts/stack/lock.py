"""One stack a data folder: whoever runs it holds a lock on run/supervisor.pid, which ends with the process, however it ends."""

import fcntl
import os
import signal
import time
from pathlib import Path

from .layout import Layout

STOPS_WITHIN = 120.0  # seconds


def take(layout: Layout) -> int | None:
    """The lock, held until this process ends; nothing if another stack runs in this folder."""
    descriptor = os.open(layout.pid_file("supervisor"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def sign(lock: int) -> None:
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def holder(layout: Layout) -> int:
    return int(layout.pid_file("supervisor").read_text())


def end_leftovers(layout: Layout) -> None:
    """Stops what a supervisor that was killed has left. They were told by the kernel; here we make sure."""
    layout.environment.unlink(missing_ok=True)
    for file in layout.folder("run").glob("*.pid"):
        pid = int(file.read_text().strip() or 0)
        if file.name == "supervisor.pid":
            continue
        if belongs(pid, layout.data):
            os.kill(pid, signal.SIGINT if file.stem == "postgres" else signal.SIGTERM)
            deadline = time.monotonic() + STOPS_WITHIN
            while belongs(pid, layout.data) and time.monotonic() < deadline:
                time.sleep(0.05)
            if belongs(pid, layout.data):
                os.kill(pid, signal.SIGKILL)
        file.unlink()


def belongs(pid: int, data: Path) -> bool:
    try:
        return pid > 0 and str(data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
