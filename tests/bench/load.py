"""Runs the load client, and the program that measures reading alone."""

import json
import subprocess

from stack.progress import Failure
from tests.stack.harness import BUILD

from .servers import MAILBOXES, PASSWORD

LONGEST_RUN = 900  # seconds


def start(verb: str, server: object, processor: int | None = None, **options: object) -> subprocess.Popen:
    """--key value of each option, with hyphens for underscores; what the server's processes use is reported, too. On one processor,
    if it is said which."""
    words = [] if processor is None else ["taskset", "--cpu-list", processor]
    words += [BUILD / "bin/posthouse-load", verb]
    for key, value in {"mailboxes": MAILBOXES, "password": PASSWORD, **options}.items():
        if value is not None:
            words += [f"--{key.replace('_', '-')}", value]
    for name, pid in server.watched().items():
        words += ["--watch", f"{name}={pid}"]
    return subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(running: subprocess.Popen) -> dict[str, float]:
    out, err = running.communicate(timeout=LONGEST_RUN)
    if running.returncode != 0:
        raise Failure(f"{' '.join(running.args)}\n{err}")
    return json.loads(out)


def run(verb: str, server: object, **options: object) -> dict[str, float]:
    return finish(start(verb, server, **options))


def parse(size: int, octets: int) -> dict[str, float]:
    words = [BUILD / "bin/posthouse-parser", "--size", str(size), "--octets", str(octets)]
    return finish(subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
