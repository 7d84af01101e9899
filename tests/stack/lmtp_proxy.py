"""Stands between smtpd and lmtp-delivery, and can hold back what lmtp-delivery says."""

import contextlib
import socket
import threading
from collections.abc import Callable


class LmtpProxy:
    def __init__(self, server: Callable[[], tuple[str, int]]):
        self.server = server  # where lmtp-delivery listens, asked for at each connection
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.holding = False
        self.held = threading.Event()  # a reply to a message has come from lmtp-delivery, and was kept from smtpd
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                try:
                    server = socket.create_connection(self.server())
                except ConnectionError:  # lmtp-delivery is not there
                    client.close()
                    continue
                threading.Thread(target=self.pass_on, args=(client, server), daemon=True).start()
                threading.Thread(target=self.pass_on, args=(server, client, True), daemon=True).start()

    def pass_on(self, source: socket.socket, to: socket.socket, is_server: bool = False) -> None:
        with contextlib.suppress(OSError):
            while octets := source.recv(65536):
                if is_server and self.holding and b"delivered" in octets:
                    self.held.set()
                    continue
                to.sendall(octets)
        for end in (source, to):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()

    def close(self) -> None:
        self.listener.close()
