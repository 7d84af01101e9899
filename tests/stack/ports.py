"""Ports for a stack that no other stack of this machine takes while it lives: programs share a port with others of their kind (SO_REUSEPORT),
so that two stacks on one port would both start, and each get some of the other's clients; and a port is free for a moment whenever a
program is started again."""

import fcntl
import random
import socket
import tempfile
from pathlib import Path

PORTS = (2109, 2110, 2143, 2424, 2465, 2525, 2587, 2993, 2995, 4190, 8080, 8443, *range(9101, 9110))
REGISTRY = Path(tempfile.gettempdir()) / "posthouse-ports"  # a file for each offset in use, locked by its user


def port_is_free(port: int, kind: int = socket.SOCK_STREAM) -> bool:
    with socket.socket(socket.AF_INET, kind) as attempt:
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Of this machine, for a server that is no part of a stack."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
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
