"""One process that is kept running."""

import shlex
import signal
import subprocess
import time
from pathlib import Path

from .layout import Layout

LARGEST_LOG = 64 * 2**20
STEADY = 1.0  # seconds; what lived so long had started well, and starts again at once when it dies
SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 30.0


class Process:
    def __init__(self, name: str, command: list[str], layout: Layout, stop_signal: int = signal.SIGTERM):
        self.name = name
        self.command = command
        self.log = layout.log_file(name)
        self.pid_file = layout.pid_file(name)
        self.stop_signal = stop_signal
        self.running: subprocess.Popen | None = None
        self.started = 0.0
        self.pause = 0.0  # before the next start
        self.end = ""  # how it ended last
        self.due = 0.0  # when to start it again, if it is not running

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.rename(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            # A session of its own: a Ctrl-C in the terminal reaches us alone, and we stop things in order.
            self.running = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                            start_new_session=True)
        self.started = time.monotonic()
        self.pid_file.write_text(f"{self.running.pid}\n")

    def has_ended(self) -> bool:
        """True once for each end; the next start is then due after a pause that grows while it keeps dying young."""
        if self.running is None or self.running.poll() is None:
            return False
        now = time.monotonic()
        steady = now - self.started > STEADY
        self.pause = 0.0 if steady else min(max(self.pause * 2, SHORTEST_PAUSE), LONGEST_PAUSE)
        self.due = now + self.pause
        self.end = describe(self.running.returncode)
        self.running = None
        self.pid_file.unlink(missing_ok=True)
        return True

    def ask_to_stop(self) -> None:
        if self.running:
            self.running.send_signal(self.stop_signal)

    def wait_until_stopped(self, deadline: float) -> bool:
        """False if it had to be killed."""
        if not self.running:
            return True
        try:
            self.running.wait(max(0.1, deadline - time.monotonic()))
            stopped = True
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
            stopped = False
        self.running = None
        self.pid_file.unlink(missing_ok=True)
        return stopped

    def last_words(self) -> str:
        lines = tail(self.log, 15)
        return "\n".join([f"  command: {shlex.join(self.command)}", f"  log:     {self.log}", *(f"  | {line}" for line in lines)])


def tail(path: Path, count: int) -> list[str]:
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16384))
        return file.read().decode(errors="replace").splitlines()[-count:]


def describe(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"
