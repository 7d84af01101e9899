"""A DNS server for tests: answers MX and A questions from a table, on a UDP port of its own."""

import socket
import struct
import threading

A, MX = 1, 15
NAME_ERROR = 3


class DnsServer:
    def __init__(self, mail_hosts: dict[str, str], addresses: dict[str, str]):
        """mail_hosts: domain to the one host that takes its mail; addresses: host to its IPv4 address."""
        self.mail_hosts = mail_hosts
        self.addresses = addresses
        self.questions: list[tuple[str, int]] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                query, client = self.socket.recvfrom(4096)
            except OSError:
                return
            self.socket.sendto(self.answer(query), client)

    def answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode("ascii").lower())
            at += 1 + length
        name, (kind,) = ".".join(labels), struct.unpack_from("!H", query, at + 1)
        self.questions.append((name, kind))
        records = b""
        if kind == MX and name in self.mail_hosts:
            records = record(MX, struct.pack("!H", 10) + encoded(self.mail_hosts[name]))
        elif kind == A and name in self.addresses:
            records = record(A, socket.inet_aton(self.addresses[name]))
        known = any(other == name or other.endswith("." + name) for other in (*self.mail_hosts, *self.addresses))
        flags = 0x8580 | (0 if known else NAME_ERROR)  # an authoritative answer; recursion was available
        return query[:2] + struct.pack("!HHHHH", flags, 1, 1 if records else 0, 0, 0) + query[12 : at + 5] + records

    def close(self) -> None:
        self.socket.close()


def encoded(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def record(kind: int, data: bytes) -> bytes:
    return struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(data)) + data  # the name: a pointer to the question's
