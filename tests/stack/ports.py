"""Ports for a stack that no other stack of this machine takes while it lives: programs share a port with others of their kind (SO_REUSEPORT),
so that two stacks on one port would both start, and each get some of the other's clients; and a port is free for a moment whenever a
program is started again."""

import fcntl
import random
import socket
import tempfile
from pathlib import Path

OTHERS = range(30_000, 32_700)  # above those of stacks, and below those that the system gives to whoever asks for any
PORTS = (2109, 2110, 2143, 2424, 2465, 2525, 2587, 2993, 2995, 4190, 8080, 8443, *range(9101, 9110))
REGISTRY = Path(tempfile.gettempdir()) / "posthouse-ports"  # a file for each offset in use, locked by its user


claims: list[socket.socket] = []


def port_is_free(port: int, kind: int = socket.SOCK_STREAM) -> bool:
    with socket.socket(socket.AF_INET, kind) as attempt:
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Of this machine, for a server that is no part of a stack. Nobody else gets them here while this process lives."""
    ports: list[int] = []
    for port in random.sample(OTHERS, len(OTHERS)):
        if len(ports) == count:
            break
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0posthouse-port-{port}")  # goes with the process, whatever ends it
        except OSError:
            continue
        claims.append(claim)
        if port_is_free(port) and port_is_free(port, socket.SOCK_DGRAM):
            ports.append(port)
    return ports


class Offset:
    """What is added to every port. Nobody else has it, or one that shares a port with it, until release()."""

    def __init__(self):
        REGISTRY.mkdir(exist_ok=True)
        with (REGISTRY / "lock").open("w") as everybody:
            fcntl.flock(everybody, fcntl.LOCK_EX)
            taken = {port + other for other in self.in_use() for port in PORTS}
            while True:
                self.number = random.randrange(500, 20000)
                ports = [port + self.number for port in PORTS]
                if taken.isdisjoint(ports) and all(map(port_is_free, ports)):
                    break
            self.path = REGISTRY / str(self.number)
            self.file = self.path.open("w")
            fcntl.flock(self.file, fcntl.LOCK_EX)

    @staticmethod
    def in_use() -> list[int]:
        """Forgets those whose users have died."""
        numbers = []
        for path in REGISTRY.iterdir():
            if not path.name.isdigit():
                continue
            with path.open("w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
                except BlockingIOError:
                    numbers.append(int(path.name))
        return numbers

    def release(self) -> None:
        self.path.unlink(missing_ok=True)
        self.file.close()
