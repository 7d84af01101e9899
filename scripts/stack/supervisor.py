"""Keeps processes running until it is told to stop: what dies is started again, and the fact is logged."""

import os
import select
import signal
import time
from collections.abc import Callable
from datetime import datetime, timezone

from .process import Process
from .progress import Failure, say

READY_WITHIN = 60.0  # seconds
STOP_WITHIN = 40.0  # seconds: a session in the middle of a message may finish it


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal."""


class Supervisor:
    def __init__(self):
        self.waves: list[list[Process]] = []  # started in order, stopped in reverse
        self.wake, waker = os.pipe()
        for descriptor in (self.wake, waker):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop_requested)

    def start(self, processes: list[Process], objection: Callable[[Process], str]) -> None:
        """Starts a wave and returns when all of it is ready: nobody has an objection any more."""
        self.waves.append(processes)
        for process in processes:
            process.start()
        deadline = time.monotonic() + READY_WITHIN
        waiting = list(processes)
        while waiting:
            for process in waiting:
                if process.has_ended():
                    raise Failure(f"{process.name} did not start ({process.end}).\n{process.last_words()}")
            objections = {process: why for process in waiting if (why := objection(process))}
            waiting = list(objections)
            if waiting and time.monotonic() > deadline:
                raise Failure(f"{waiting[0].name} runs but is not ready after {READY_WITHIN:.0f} s: {objections[waiting[0]]}\n"
                              f"{waiting[0].last_words()}")
            if waiting:
                self.sleep(0.05)

    def watch(self) -> None:
        """Never returns: StopRequested ends it."""
        while True:
            wait = 3600.0
            for process in (process for wave in self.waves for process in wave):
                if process.has_ended():
                    note(f"{process.name} ended ({process.end}); starting it again in {process.pause:.1f} s")
                if process.running is None:
                    pause = process.due - time.monotonic()
                    if pause <= 0:
                        process.start()
                        note(f"{process.name} started again, process {process.running.pid}")
                    else:
                        wait = min(wait, pause)
            self.sleep(wait)

    def sleep(self, seconds: float) -> None:
        """Until then or until a process ends."""
        ready, _, _ = select.select([self.wake], [], [], seconds)
        if ready:
            os.read(self.wake, 4096)

    def stop(self) -> None:
        """Front to back, so that nobody loses whom it needs to finish its work."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for wave in reversed(self.waves):
            deadline = time.monotonic() + STOP_WITHIN
            for process in wave:
                process.ask_to_stop()
            for process in wave:
                if not process.wait_until_stopped(deadline):
                    note(f"{process.name} did not stop within {STOP_WITHIN:.0f} s and was killed")
        self.waves.clear()


def stop_requested(number: int, _frame: object) -> None:
    raise StopRequested(signal.Signals(number).name)


def note(text: str) -> None:
    say(f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ} {text}")
