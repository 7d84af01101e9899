"""Bad input over SMTP, LMTP, POP3, TLS, gRPC and the admin port: a clear answer, bounded memory, others served, nothing lost."""

import os
import resource
import socket
import unittest

from .harness import eventually, mail
from .raw import MIB, AbuseTest
from .troubles import metric

SMTP = ("smtp", "submission", "lmtp")
SILENT = 10_000
TLS = ("submissions", "imaps", "pop3s")
MESSAGE = b"From: a@elsewhere.test\r\nSubject: x\r\n\r\nA body.\r\n"


class Abuse(AbuseTest):
    settings = ("imapd.login_timeout=10m",)  # thousands of connections take a while to make

    def program(self, port: str) -> str:
        return {"lmtp": "lmtp-delivery", "pop3": "pop3d", "imap": "imapd"}.get(port, "smtpd")

    def test_a_line_of_a_mebibyte_is_refused_and_the_session_goes_on(self):
        for port in SMTP:
            with self.subTest(port), self.bounded(**{self.program(port): 4 * MIB}):
                client = self.greeted(port)
                self.assertTrue(client.ask(b"NOOP " + b"x" * (MIB - 7) + b"\r\n").startswith(b"500 5.5."))
                self.assertTrue(client.ask(b"NOOP\r\n").startswith(b"250"))
        with self.bounded(pop3d=4 * MIB):
            client = self.raw("pop3")
            client.line()
            self.assertEqual(client.ask(b"NOOP " + b"x" * (MIB - 7) + b"\r\n"), b"-ERR Line too long")
            self.assertTrue(client.ask(b"CAPA\r\n").startswith(b"+OK"))

    def test_a_line_without_end_is_refused_and_ends_the_session(self):
        for port in SMTP + ("pop3",):
            with self.subTest(port), self.bounded(**{self.program(port): 4 * MIB}):
                client = self.raw(port)
                client.line()
                client.send(b"x" * (16 * MIB))
                said = client.rest()
                self.assertTrue(not said or said.startswith((b"500 5.5.", b"-ERR Line too long")), said)
        self.assert_others_are_served()

    def test_nul_and_eight_bit_octets_in_commands_are_refused_and_the_session_goes_on(self):
        for port in SMTP:
            client = self.greeted(port)
            for line in (b"NO\0OP", b"MAIL FROM:<a\0b@x>", b"MAIL FROM:<\xff\xfe@x>", b"\x80\x81", b"\0", b"NOOP \xc0\x80", b"RCPT TO:<a\nb>"):
                with self.subTest(port, line=line):
                    self.assertIn(client.ask(line + b"\r\n")[:3], (b"500", b"501", b"503", b"553", b"555"))
            self.assertTrue(client.ask(b"NOOP\r\n").startswith(b"250"))
        client = self.raw("pop3")
        client.line()
        for line in (b"US\0ER x", b"\xff\xfe", b"\0", b"USER a\xffb\r\nPASS \0", b"AUTH PLAIN \xff"):
            self.assertTrue(client.ask(line + b"\r\n").startswith((b"-ERR", b"+OK")), line)
        eventually(lambda: client.ask(b"CAPA\r\n") == b".")

    def test_of_100000_recipients_those_up_to_the_limit_are_taken(self):
        for port in ("smtp", "lmtp"):
            with self.subTest(port), self.bounded(**{self.program(port): 32 * MIB}):
                reader = self.stack.account("reader")
                client = self.greeted(port)
                self.assertTrue(client.reply(b"MAIL FROM:<a@elsewhere.test>\r\n").startswith(b"250"))
                client.send(f"RCPT TO:<{reader.address}>\r\n".encode() * 100_000)
                codes = [client.line()[:3] for _ in range(100_000)]
                self.assertEqual((codes.count(b"250"), codes.count(b"452")), (1000, 99_000))
                self.assert_others_are_served()
                self.assertTrue(client.reply(b"DATA\r\n").startswith(b"354"))
                self.assertTrue(client.reply(MESSAGE + b".\r\n").startswith(b"250"))
                # LMTP is asked for each copy (RFC 2033 §4.2); over SMTP a mailbox gets one.
                self.assertEqual(len(self.stack.wait_for_mail(reader)), 1000 if port == "lmtp" else 1)

    def test_100000_unknown_recipients_end_the_session(self):
        client = self.greeted("smtp")
        self.assertTrue(client.reply(b"MAIL FROM:<a@elsewhere.test>\r\n").startswith(b"250"))
        client.send(b"RCPT TO:<nobody@mail.test>\r\n" * 100_000)
        lines = client.rest().split(b"\n")
        self.assertTrue(lines[0].startswith(b"550 5.1.1"))
        self.assertTrue(lines[-1].startswith(b"421 4.7.0"), lines[-1])
        self.assertLess(len(lines), 100)

    def test_an_address_of_10000_characters_is_refused(self):
        for port in SMTP:
            client = self.greeted(port)
            self.assertTrue(client.ask(b"MAIL FROM:<" + b"a" * 10_000 + b"@x.test>\r\n").startswith(b"500 5.5."))
            self.assertTrue(client.ask(b"MAIL FROM:<" + b"a" * 1_500 + b"@x.test>\r\n").startswith(b"501 5."))

    def test_a_header_of_50_mib_is_refused(self):
        reader = self.stack.account("reader")
        client = self.greeted("smtp")
        self.assertTrue(client.reply(b"MAIL FROM:<a@elsewhere.test> SIZE=52428800\r\n").startswith(b"552 5.3.4"))
        for port, program, size, most in (("smtp", "smtpd", 50, 64), ("smtp", "smtpd", 2, 12), ("lmtp", "lmtp-delivery", 50, 160)):
            with self.subTest(port, size=size), self.bounded(**{program: most * MIB}):
                client = self.transaction(port, reader)
                line = b"X-Filling: " + b"x" * 900 + b"\r\n"
                client.send(line * (size * MIB // len(line)) + b"\r\n.\r\n")
                self.assertTrue(client.reply().startswith(b"552 5.3.4"))
                self.assertTrue(client.reply(b"NOOP\r\n").startswith(b"250"))
        self.assertEqual(self.stack.messages(reader), [])

    def test_a_mail_without_end_is_refused_at_its_end_and_holds_no_memory(self):
        reader = self.stack.account("reader")
        with self.bounded(smtpd=64 * MIB):
            client = self.transaction("smtp", reader)
            client.send(b"Subject: x\r\n\r\n" + (b"x" * 998 + b"\r\n") * 100_000 + b".\r\n")
            self.assertTrue(client.reply().startswith(b"552 5.3.4"))
        self.assertEqual(self.stack.messages(reader), [])

    def test_nothing_but_crlf_dot_crlf_ends_a_mail(self):
        reader = self.stack.account("reader")
        smuggled = f"MAIL FROM:<b@elsewhere.test>\r\nRCPT TO:<{reader.address}>\r\nDATA\r\nSubject: smuggled\r\n\r\n".encode()
        for port in ("smtp", "lmtp"):
            for end in (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\n.\r"):
                with self.subTest(port, end=end):
                    client = self.transaction(port, reader)
                    client.send(b"Subject: x\r\n\r\nbody" + end + smuggled + b"\r\n.\r\n")
                    self.assertIn(client.reply()[:3], (b"550", b"554", b"250"))
                    self.assertTrue(client.reply(b"NOOP\r\n").startswith(b"250"))
        for message in self.stack.messages(reader):
            self.assertNotIn(b"Subject: smuggled", message.partition(b"\r\n\r\n")[0])

    def test_commands_behind_starttls_are_not_obeyed(self):
        for port, ask, refusal in (("smtp", b"STARTTLS\r\nNOOP\r\n", b"503"), ("submission", b"STARTTLS\r\nEHLO x\r\n", b"503")):
            self.assertTrue(self.greeted(port).ask(ask).startswith(refusal))
        imap, pop3 = self.raw("imap"), self.raw("pop3")
        imap.line(), pop3.line()
        self.assertTrue(imap.ask(b"a STARTTLS\r\nb NOOP\r\n").startswith(b"a BAD"))
        self.assertTrue(pop3.ask(b"STLS\r\nCAPA\r\n").startswith(b"-ERR"))

    def test_garbage_instead_of_tls_ends_the_connection_alone(self):
        for port in TLS:
            for garbage in (b"GET / HTTP/1.0\r\n\r\n", b"\0\0" + os.urandom(4094), b"\x16\x03\x01\xff\xff" + b"x" * 70_000, b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"\0" * 505):
                with self.subTest(port, garbage=garbage[:12]):
                    client = self.raw(port)
                    client.send(garbage)
                    client.socket.shutdown(socket.SHUT_WR) if len(garbage) < 4096 else None
                    client.rest()
        halves = [self.raw(port) for port in TLS for _ in range(50)]
        for client in halves:
            client.send(b"\x16\x03\x01\x02\x00\x01\x00")
        self.assert_others_are_served()
        with self.stack.imap(self.stack.account("reader")) as client:
            self.assertEqual(client.noop()[0], "OK")

    def test_a_half_closed_connection_is_answered_and_closed(self):
        reader = self.stack.account("reader")
        for port in SMTP:
            client = self.greeted(port)
            client.send(b"NOOP\r\nNOOP")
            client.socket.shutdown(socket.SHUT_WR)
            self.assertTrue(client.rest().startswith(b"250"))
            client = self.transaction(port, reader) if port != "submission" else self.greeted(port)
            client.send(b"Subject: half\r\n\r\na mail that does not")
            client.socket.shutdown(socket.SHUT_WR)
            self.assertNotRegex(client.rest(), rb"(?m)^250")
        client = self.raw("pop3")
        client.line()
        client.send(b"CAPA\r\n")
        client.socket.shutdown(socket.SHUT_WR)
        self.assertTrue(client.rest().endswith(b"."))
        self.assertEqual(self.stack.messages(reader), [])

    def test_many_wrong_commands_end_the_session(self):
        for port, last in (("smtp", b"421 4.7.0"), ("submission", b"421 4.7.0"), ("lmtp", b"421 4.7.0"), ("pop3", b"-ERR Too many errors")):
            with self.subTest(port):
                client = self.raw(port)
                client.line()
                client.send(b"XYZZY\r\n" * 10_000)
                lines = client.rest().split(b"\n")
                self.assertTrue(lines[-1].startswith(last), lines[-1])
                self.assertLess(len(lines), 200)

    def test_thousands_of_harmless_commands_cost_nothing(self):
        for port in SMTP:
            with self.subTest(port), self.bounded(**{self.program(port): 4 * MIB}):
                client = self.greeted(port)
                client.send(b"NOOP\r\n" * 20_000)
                self.assertTrue(all(client.line().startswith(b"250") for _ in range(20_000)))

    def test_pop3_numbers_beyond_all_bounds(self):
        reader = self.stack.account("reader")
        with self.stack.smtp() as sender:
            sender.sendmail("a@elsewhere.test", [reader.address], mail("a@elsewhere.test", reader.address))
        self.stack.wait_for_mail(reader)
        client = self.raw("pop3")
        client.line()
        client.ask(f"USER {reader.address}\r\n".encode())
        self.assertTrue(client.ask(f"PASS {reader.password}\r\n".encode()).startswith(b"+OK"))
        for line in (b"RETR 4294967296", b"RETR 99999999999999999999", b"DELE -1", b"LIST 0", b"TOP 1 -1", b"UIDL 18446744073709551617", b"RETR 2"):
            self.assertTrue(client.ask(line + b"\r\n").startswith(b"-ERR"), line)
        for lines in (b"4294967295", b"18446744073709551615"):
            self.assertTrue(client.ask(b"TOP 1 " + lines + b"\r\n").startswith(b"+OK"))
            body = b""
            while (line := client.line()) != b".":
                body += line + b"\n"
            self.assertIn(b"A body.", body)
        self.assertTrue(client.ask(b"QUIT\r\n").startswith(b"+OK"))

    def test_10000_connections_that_say_nothing(self):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        self.assertGreater(most, SILENT + 1000, "this user may not open enough files: raise the hard limit (ulimit -Hn)")
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        for port, greeting in (("smtp", b"220 "), ("imap", b"* OK"), ("pop3", b"+OK")):
            with self.subTest(port), self.bounded(**{self.program(port): SILENT * 16 * 1024}):
                clients = []
                try:
                    for _ in range(SILENT):
                        clients.append(socket.create_connection((self.stack["HOST"], self.stack.port(port)), timeout=60))
                    self.assertTrue(clients[-1].recv(100).startswith(greeting))
                    self.assertGreaterEqual(metric(self.stack, self.program(port), "posthouse_connections_active"), SILENT)
                    self.assert_others_are_served()
                finally:
                    for client in clients:
                        client.close()
                self.assert_others_are_served()

    def admin(self, program: str, octets: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", int(self.stack[f"{program}_ADMIN_PORT"])), timeout=60) as client:
            client.sendall(octets)
            answer = b""
            while more := client.recv(1 << 16):
                answer += more
        return answer

    def test_the_admin_port_outlasts_garbage_and_slow_clients(self):
        for program in ("SMTPD", "IMAPD", "ACCOUNTD"):
            port = int(self.stack[f"{program}_ADMIN_PORT"])
            slow = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(40)]
            for client in slow:
                client.sendall(b"GET /metrics HTTP/1.1\r\nX: ")
            self.assertTrue(self.admin(program, b"\0\xff\r\n\r\n").startswith(b"HTTP/1.1 400"))
            self.assertTrue(self.admin(program, b"GET /" + b"x" * 8190).startswith(b"HTTP/1.1 431"))
            self.assertTrue(self.admin(program, b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 100).startswith(b"HTTP/1.1 431"))
            self.assertTrue(self.admin(program, b"GET /healthz HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 200"))
            for client in slow:
                client.close()

    def test_garbage_instead_of_grpc_ends_the_connection_alone(self):
        sockets = [path for path in (self.stack.data / "run/rpc").glob("*.sock") if path.is_socket()]
        self.assertTrue(sockets)
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        for path in sockets:
            for garbage in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(65536), preface + os.urandom(4096), preface + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01"):
                with socket.socket(socket.AF_UNIX) as client:
                    client.settimeout(60)
                    client.connect(str(path))
                    try:
                        client.sendall(garbage)
                        client.shutdown(socket.SHUT_WR)
                        while client.recv(1 << 16):
                            pass
                    except (BrokenPipeError, ConnectionResetError):
                        pass
        done = self.stack.mailctl("user", "add", f"{'x' * 100_000}@mail.test", "--password-stdin", secret="x")
        self.assertNotEqual(done.returncode, 0)
        done = self.stack.mailctl("user", "add", "large@mail.test", "--password-stdin", secret="x" * (8 * MIB))
        self.assertNotEqual(done.returncode, 0)
        self.assertTrue(self.stack.account("after"))


if __name__ == "__main__":
    unittest.main()
