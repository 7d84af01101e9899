"""Ports of this machine for servers that are started for a benchmark."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

from stack.progress import Failure

PATIENCE = 30.0  # seconds; how long a server may take to start


def wait_for(name: str, ports: list[int], logs: list[Path], is_alive: Callable[[], bool] = lambda: True) -> None:
    """Until a server listens on all its ports. Its logs say why it does not."""
    deadline = time.monotonic() + PATIENCE
    while not all(map(is_open, ports)):
        if not is_alive() or time.monotonic() > deadline:
            told = "".join(log.read_text(errors="replace") for log in logs if log.exists())
            raise Failure(f"{name} did not start:\n{told[-2000:]}")
        time.sleep(0.05)


def is_open(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.settimeout(5)
        return attempt.connect_ex(("127.0.0.1", port)) == 0
