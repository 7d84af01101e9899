"""A further process of one of a stack's programs, as an operator starts one for each processor: they share the ports (SO_REUSEPORT)."""

import os
import subprocess
import urllib.request

from .harness import BUILD, Stack, eventually
from .ports import free_ports


class Sibling:
    def __init__(self, stack: Stack, program: str):
        self.stack = stack
        self.program = program
        self.admin_port = free_ports(1)[0]
        self.running: subprocess.Popen | None = None

    def start(self) -> None:
        """Ready when it comes back."""
        words = [*self.as_its_user(), BUILD / "bin" / self.program, "--config", self.stack.data / "posthouse.toml",
                 "-o", f"{self.program}.admin_address={self.stack['HOST']}:{self.admin_port}",
                 "-o", f"{self.program}.grpc_address=unix:{self.stack.data}/run/rpc/{self.program}-{self.admin_port}.sock"]
        with (self.stack.data / "log" / f"{self.program}-sibling.log").open("ab") as log:
            self.running = subprocess.Popen(list(map(str, words)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/")
        eventually(self.is_ready)

    def as_its_user(self) -> list[str]:
        """What runs a command as the user of the stack's own process, and ends it when we end."""
        own = os.stat(f"/proc/{self.stack.pid(self.program)}")
        becomes = ["--reuid", str(own.st_uid), "--regid", str(own.st_gid), "--clear-groups"] if os.geteuid() == 0 else []
        return ["setpriv", "--pdeathsig", "TERM", *becomes, "--"]

    def stop(self) -> None:
        """Also one that has ended."""
        self.running.terminate()
        self.running.wait(60)

    @property
    def pid(self) -> int:
        return self.running.pid

    def is_ready(self) -> bool:
        if self.running.poll() is not None:
            raise AssertionError(f"{self.program} did not start: see {self.program}-sibling.log")
        try:
            with urllib.request.urlopen(f"http://{self.stack['HOST']}:{self.admin_port}/readyz", timeout=10):
                return True
        except OSError:
            return False
