"""Connections: certificates by name, sessions that are resumed, clients that do not read or hardly write."""

import os
import select
import signal
import socket
import ssl
import time
import unittest
from pathlib import Path

from .harness import MEMORY_IS_OURS, StackTest, eventually, mail
from .troubles import metric

FRONTS = ("smtpd", "imapd", "pop3d")


class Connections(StackTest):
    settings = ("imapd.transfer_timeout=10s", "imapd.login_timeout=10s", "common.drain_window=5s")

    def certificate(self, name: str) -> tuple[Path, Path]:
        """One that signs itself, where the programs can read it."""
        folder = self.stack.data / "tls"
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        self.run_client("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key, "-out", certificate)
        key.chmod(0o644)
        return certificate, key

    def reload(self):
        for program in FRONTS:
            before = self.metric(program, "posthouse_config_last_reload_success_timestamp_seconds")
            eventually(lambda: self.was_reloaded(program, before))

    def was_reloaded(self, program: str, before: float) -> bool:
        """The metric counts in seconds: said twice within one, it does not show."""
        os.kill(self.stack.pid(program), signal.SIGHUP)
        return self.metric(program, "posthouse_config_last_reload_success_timestamp_seconds") != before

    def serve_name(self, name: str) -> Path:
        certificate, key = self.certificate(name)
        with open(self.stack.data / "posthouse.toml", "a") as file:
            file.write(f'\n[[tls.sni]]\ncertificate = "{certificate}"\nkey = "{key}"\n')
        self.reload()
        return certificate

    def metric(self, program: str, name: str, label: str = "") -> float:
        return metric(self.stack, program, name, label)

    def connect(self, port: str) -> socket.socket:
        client = socket.create_connection((self.stack["HOST"], self.stack.port(port)), timeout=30)
        self.addCleanup(client.close)
        return client

    def memory(self, program: str) -> int:
        status = Path(f"/proc/{self.stack.pid(program)}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) * 1024

    def test_each_protocol_shows_the_certificate_of_the_name_that_is_asked_for(self):
        self.serve_name("second.test")
        for port, starttls in (("imaps", ""), ("pop3s", ""), ("submissions", ""), ("imap", "imap"), ("pop3", "pop3"), ("smtp", "smtp")):
            for name in ("second.test", "mail.test"):
                with self.subTest(f"{port} {name}"):
                    done = self.run_client("openssl", "s_client", "-connect", f"{self.stack['HOST']}:{self.stack.port(port)}",
                                           "-servername", name, *(("-starttls", starttls) if starttls else ()), status=None)
                    self.assertEqual("subject=CN = second.test" in done.stdout, name == "second.test", done.stdout)
        self.assertGreater(self.metric("imapd", "posthouse_tls_certificate_not_after_timestamp_seconds", "second.test.pem"), time.time())

    def visit(self, context: ssl.SSLContext, name: str, session: ssl.SSLSession | None) -> tuple[bool, ssl.SSLSession]:
        with context.wrap_socket(self.connect("imaps"), server_hostname=name, session=session) as client:
            client.recv(1000)  # tickets of TLS 1.3 come with the greeting
            return client.session_reused, client.session

    def test_a_session_is_resumed_also_after_the_certificate_was_renewed(self):
        certificate = self.serve_name("third.test")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version.name):
                context = ssl.create_default_context(cafile=certificate)
                context.maximum_version = version
                resumed, session = self.visit(context, "third.test", None)
                self.assertFalse(resumed)
                resumed, session = self.visit(context, "third.test", session)
                self.assertTrue(resumed)
                self.certificate("third.test")
                self.reload()
                resumed, session = self.visit(context, "third.test", session)
                self.assertTrue(resumed)
        self.assertGreaterEqual(self.metric("imapd", "posthouse_tls_handshakes_total", 'resumed="1"'), 4)

    def test_a_client_that_reads_nothing_of_its_mail_is_left_and_memory_stays_bounded(self):
        reader = self.stack.account("reader")
        with self.stack.imap(reader) as client:
            for number in range(24):
                client.append("INBOX", None, None, mail("a@elsewhere.test", reader.address, f"{number}", ("x" * 76 + "\r\n") * 26_000))
        before = self.memory("imapd")
        client = self.connect("imap")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(f'a LOGIN {reader.address} "{reader.password}"\r\nb SELECT INBOX\r\nc FETCH 1:* BODY[]\r\n'.encode())
        eventually(lambda: self.metric("imapd", "posthouse_imap_sessions_active", 'state="selected"') == 1)
        most = before
        while self.metric("imapd", "posthouse_imap_sessions_active", 'state="selected"') > 0:
            most = max(most, self.memory("imapd"))
        if MEMORY_IS_OURS:
            self.assertLess(most - before, 40 << 20)

    def test_a_part_of_a_large_message_is_not_in_memory_while_the_client_reads_nothing(self):
        reader = self.stack.account("reader")
        with self.stack.imap(reader) as client:
            client.append("INBOX", None, None, mail("a@elsewhere.test", reader.address, "large", ("x" * 76 + "\r\n") * 250_000))
        before = self.memory("imapd")
        client = self.connect("imap")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(f'a LOGIN {reader.address} "{reader.password}"\r\nb SELECT INBOX\r\nc FETCH 1 BODY[1]\r\n'.encode())
        heard = b""
        while b"BODY[1] {" not in heard:
            self.assertTrue(octets := client.recv(4096), heard)
            heard += octets
        if MEMORY_IS_OURS:
            eventually(lambda: self.memory("imapd") - before < 8 << 20)
        self.assertEqual(self.metric("imapd", "posthouse_imap_sessions_active", 'state="selected"'), 1)

    def test_a_client_that_reads_no_reply_is_not_read_either(self):
        before = self.memory("smtpd")
        client = self.connect("smtp")
        client.setblocking(False)
        sent = 0
        while select.select([], [client], [], 2)[1]:
            sent += client.send(b"NOOP\r\n" * 10_000)
            self.assertLess(sent, 256 << 20)
        if MEMORY_IS_OURS:
            self.assertLess(self.memory("smtpd") - before, 16 << 20)

    def test_a_command_that_comes_an_octet_at_a_time_has_its_time(self):
        client = self.connect("imap")
        client.settimeout(0.2)
        heard = b""
        for octet in b"a NOOP" + b"x" * 200:
            client.send(bytes([octet]))
            try:
                heard += client.recv(1000)
            except TimeoutError:
                continue
            if b"* BYE" in heard:
                break
        self.assertIn(b"* BYE Idle for too long", heard)

    def test_who_sends_a_line_without_end_can_read_why_he_must_go(self):
        client = self.connect("imap")
        client.sendall(b"a" * 900_000)
        heard = b""
        while octets := client.recv(1000):
            heard += octets
        self.assertIn(b"* BYE [TOOBIG] Line too long", heard)

    def test_sessions_are_told_of_a_drain_one_after_the_other(self):
        clients = [self.connect("imap") for _ in range(40)]
        for client in clients:
            self.assertTrue(client.recv(1000).startswith(b"* OK"))
        os.kill(self.stack.pid("imapd"), signal.SIGTERM)
        told = []
        while len(told) < len(clients):
            ready, _, _ = select.select([client for client in clients if client.fileno() >= 0], [], [], 30)
            self.assertTrue(ready)
            for client in ready:
                self.assertIn(b"* BYE [UNAVAILABLE]", client.recv(1000))
                client.close()
                told.append(time.monotonic())
        self.assertGreater(told[-1] - told[0], 0.5)
        eventually(lambda: self.imap_is_back())

    def imap_is_back(self) -> bool:
        try:
            with socket.create_connection((self.stack["HOST"], self.stack.port("imap")), timeout=30) as client:
                return client.recv(1000).startswith(b"* OK")
        except OSError:
            return False


if __name__ == "__main__":
    unittest.main()
