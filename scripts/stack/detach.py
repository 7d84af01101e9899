"""--detach: the stack goes on in the background once it is ready."""

import os
import signal
import sys
from pathlib import Path


class Background:
    """The other half of a fork. What it says goes to the terminal until release(), then to a log file."""

    def __init__(self, pipe: int):
        self.pipe = pipe

    def release(self, log: Path) -> None:
        """Lets the command that was typed end with status 0."""
        sys.stdout.flush()
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.close(descriptor)
        os.write(self.pipe, b"ready")
        os.close(self.pipe)


def fork() -> Background:
    """Returns in the background process only. The foreground waits for its release and exits."""
    waiting, pipe = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(waiting)
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        return Background(pipe)
    os.close(pipe)
    try:
        if os.read(waiting, 16):
            os._exit(0)
    except BaseException:  # Ctrl-C: it is not the background's terminal any more
        os.kill(child, signal.SIGTERM)
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) or 1)
