"""Bad clients of POP3: who reads slowly, who vanishes, who asks for too much. Memory is bounded, others are served, and nothing is deleted
that was not asked for by a QUIT."""

import contextlib
import hashlib
import os
import signal
import socket
import struct
import unittest

from .harness import Account, eventually
from .raw import MIB, AbuseTest, Raw
from .shapes import LARGE, append, stored
from .troubles import locked, metric, pid

COUNT = 20  # messages of a maildrop
SMALL = [stored(f"n{number}", b"\r\nA body.\r\n") for number in range(COUNT)]
LARGE_ONE = stored("large", LARGE)


class Pop3(Raw):
    def __init__(self, stack):
        super().__init__(stack, "pop3")
        self.line()

    @classmethod
    def of(cls, stack, account: Account):
        """Logged in; nothing if that was refused."""
        client = cls(stack)
        if client.has_logged_in(account):
            return client
        client.socket.close()
        return None

    def has_logged_in(self, account: Account) -> bool:
        self.ask(f"USER {account.address}\r\n".encode())
        return self.ask(f"PASS {account.password}\r\n".encode()).startswith(b"+OK")

    def body(self) -> list[bytes]:
        """The lines of a multi-line response, after its first."""
        lines = []
        while (line := self.line()) != b".":
            assert not self.ended, lines[-3:]
            lines.append(line)
        return lines

    def vanish(self) -> None:
        """With a reset, as a client that has died."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class SlowReader:
    """Reads its first mail a kibibyte at a time, through a small window."""

    def __init__(self, stack, account: Account):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
        self.socket.settimeout(60)
        self.socket.connect((stack["HOST"], stack.port("pop3")))
        self.received = bytearray()
        self.socket.sendall(f"USER {account.address}\r\nPASS {account.password}\r\nRETR 1\r\nQUIT\r\n".encode())
        self.is_done = False

    def read(self) -> None:
        for _ in range(256):
            if not (octets := self.socket.recv(1024)):
                self.is_done = True
                self.socket.close()
                return
            self.received += octets

    def digest(self) -> bytes:
        """Of the message."""
        status, _, rest = bytes(self.received).split(b"\r\n", 3)[3].partition(b"\r\n")
        assert status.startswith(b"+OK"), status
        body, _, farewell = rest.rpartition(b".\r\n")
        assert farewell.startswith(b"+OK"), farewell
        return hashlib.sha256(b"\r\n".join(line.removeprefix(b".") for line in body.split(b"\r\n"))).digest()


class AbusePop3(AbuseTest):
    def setUp(self):
        self.reader = self.stack.account("reader")

    def pop3(self, account: Account | None = None) -> Pop3:
        # A session that is ending may still hold the maildrop.
        client = eventually(lambda: Pop3.of(self.stack, account)) if account else Pop3(self.stack)
        self.addCleanup(client.socket.close)
        return client

    def left(self, account: Account | None = None) -> int:
        return len(self.stack.messages(account or self.reader))

    def assert_nobody_is_held(self) -> None:
        for gauge in ("posthouse_connections_active", "posthouse_pop3_sessions_active"):
            eventually(lambda: metric(self.stack, "pop3d", gauge) == 0)

    def delete_all(self, client: Pop3) -> None:
        for number in range(1, COUNT + 1):
            self.assertTrue(client.ask(b"DELE %d\r\n" % number).startswith(b"+OK"))

    def test_slow_readers_of_large_mails_hold_up_nobody_and_no_memory(self):
        readers = [self.stack.account("slow") for _ in range(4)]
        for account in readers:
            append(self.stack, account, [LARGE_ONE])
        append(self.stack, self.reader, SMALL)
        other = self.pop3(self.reader)
        with self.bounded(pop3d=24 * MIB):
            slow = [SlowReader(self.stack, account) for account in readers]
            turns = 0
            while left := [reader for reader in slow if not reader.is_done]:
                for reader in left:
                    reader.read()
                turns += 1
                self.assertTrue(other.ask(b"TOP %d 0\r\n" % (turns % COUNT + 1)).startswith(b"+OK"))
                other.body()
        self.assertGreater(turns, 50)
        self.assertEqual({reader.digest() for reader in slow}, {hashlib.sha256(LARGE_ONE).digest()})

    def test_a_reader_that_does_not_read_at_all_is_waited_for_without_memory(self):
        append(self.stack, self.reader, [LARGE_ONE])
        client = self.pop3(self.reader)
        with self.bounded(pop3d=16 * MIB):
            client.send(b"RETR 1\r\n" * 100_000)
            self.assertTrue(client.line().startswith(b"+OK"))
            self.assert_others_are_served()
            self.assertTrue(self.pop3(self.stack.account("other")).ask(b"QUIT\r\n").startswith(b"+OK"))
        client.vanish()
        self.assert_nobody_is_held()

    def test_who_vanishes_in_whatever_state_deletes_nothing_and_holds_nothing(self):
        append(self.stack, self.reader, [*SMALL, LARGE_ONE])
        user = f"USER {self.reader.address}\r\n".encode()
        Raw(self.stack, "pop3").socket.close()
        for commands in (b"", b"USER", user, user + b"PASS", b"AUTH PLAIN\r\n", b"STLS\r\n"):
            with self.subTest(commands):
                client = self.pop3()
                client.send(commands)
                client.vanish()
        for commands in (b"", b"STAT\r\n", b"DELE 1\r\n", b"DELE 1\r\nDELE 2\r\nLIST\r\n", b"DELE 1\r\nQUIT", b"DELE 1\r\nRETR %d\r\n" % (COUNT + 1),
                         b"RETR %d\r\nDELE 2\r\nQUIT\r\n" % (COUNT + 1)):
            with self.subTest(commands, logged_in=True):
                client = self.pop3(self.reader)
                client.send(commands)
                if commands.endswith(b"\r\n"):
                    self.assertTrue(client.line().startswith(b"+OK"))  # in the middle of what is answered
                client.vanish()
        self.assert_nobody_is_held()
        self.assertEqual(self.left(), COUNT + 1)
        self.assert_others_are_served()

    def test_who_vanishes_between_quit_and_its_answer_deletes_all_or_nothing(self):
        for waits in (False, True) * 4:
            account = self.stack.account("reader")
            append(self.stack, account, SMALL)
            client = self.pop3(account)
            self.delete_all(client)
            with locked(self.stack, account) if waits else contextlib.nullcontext(), self.subTest(waits=waits):
                client.socket.sendall(b"QUIT\r\n")
                client.vanish()
            self.assert_nobody_is_held()
            self.assertIn(self.left(account), (0, COUNT))

    def test_pop3d_killed_at_quit_has_deleted_all_or_nothing(self):
        append(self.stack, self.reader, SMALL)
        client = self.pop3(self.reader)
        self.delete_all(client)
        before = self.stack.pid("pop3d")
        with locked(self.stack, self.reader):
            client.send(b"QUIT\r\n")
            client.socket.settimeout(0.5)
            with self.assertRaises(TimeoutError):  # it waits for the database
                client.socket.recv(1)
            os.kill(before, signal.SIGKILL)
            eventually(lambda: pid(self.stack, "pop3d") not in (0, before))
        self.assertIn(self.left(), (0, COUNT))
        again = eventually(self.reconnected)
        self.addCleanup(again.socket.close)
        self.assertEqual(again.ask(b"STAT\r\n").split()[1], b"%d" % self.left())

    def reconnected(self) -> Pop3 | None:
        with contextlib.suppress(OSError):  # until pop3d listens again
            return Pop3.of(self.stack, self.reader)

    def test_300_who_never_log_in_keep_nobody_out(self):
        with self.bounded(pop3d=300 * 32 * 1024):
            clients = [self.pop3() for _ in range(300)]
            for client in clients:
                self.assertTrue(client.ask(b"USER nobody@mail.test\r\n").startswith(b"+OK"))
            self.assert_others_are_served()
            self.assertTrue(self.pop3(self.reader).ask(b"STAT\r\n").startswith(b"+OK 0 "))
        for client in clients:
            client.socket.close()

    def test_lines_of_a_mebibyte_are_refused_in_every_state(self):
        append(self.stack, self.reader, SMALL)
        line = b"x" * (MIB - 20) + b"\r\n"
        with self.bounded(pop3d=8 * MIB):
            client = self.pop3()
            for start in (b"USER ", b"PASS ", b"AUTH PLAIN ", b""):
                self.assertTrue(client.ask(start + line).startswith(b"-ERR"), start)
            self.assertEqual(client.ask(b"AUTH PLAIN\r\n"), b"+ ")
            self.assertTrue(client.ask(line).startswith(b"-ERR"))
            self.assertTrue(client.has_logged_in(self.reader))
            for start in (b"RETR ", b"DELE 1 ", b"TOP 1 ", b"AUTH PLAIN ", b"\0"):
                self.assertTrue(client.ask(start + line).startswith(b"-ERR"), start)
            self.assertTrue(client.ask(b"STAT\r\n").startswith(b"+OK %d " % COUNT))
            self.assertTrue(client.ask(b"QUIT\r\n").startswith(b"+OK"))
        self.assertEqual(self.left(), COUNT)

    def test_octets_that_no_command_has_are_refused_after_the_login_too(self):
        append(self.stack, self.reader, SMALL)
        client = self.pop3(self.reader)
        for line in (b"DELE 1\0", b"DELE\0 1", b"\0DELE 1", b"DELE 1\nDELE 2", b"DELE 1\rDELE 2", b"DELE \xb2", b"DELE 1 2", b"DELE 0x1", b"QUIT\0", b"",
                     b" DELE 1", b"RSET\n"):
            with self.subTest(line):
                self.assertTrue(client.ask(line + b"\r\n").startswith(b"-ERR"))
        self.assertTrue(client.ask(b"QUIT\r\n").startswith(b"+OK"))
        self.assertEqual(self.left(), COUNT)

    def test_100000_commands_in_one_write_are_answered_in_order(self):
        append(self.stack, self.reader, SMALL)
        client = self.pop3(self.reader)
        with self.bounded(pop3d=8 * MIB):
            client.send(b"".join(b"LIST %d\r\n" % (i % COUNT + 1) for i in range(100_000)) + b"DELE 1\r\nQUIT\r\n")
            for i in range(100_000):
                self.assertTrue(client.line().startswith(b"+OK %d " % (i % COUNT + 1)), i)
            self.assertTrue(client.line().startswith(b"+OK"))
            self.assertTrue(client.line().startswith(b"+OK"))
            self.assertEqual(client.line(), b"")
        self.assertEqual(self.left(), COUNT - 1)

    def test_a_session_octet_by_octet(self):
        append(self.stack, self.reader, SMALL)
        client = self.pop3()
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        script = f"CAPA\r\nUSER {self.reader.address}\r\nPASS {self.reader.password}\r\nRETR 2\r\nDELE 2\r\nQUIT\r\n".encode()
        for octet in range(len(script)):
            client.socket.sendall(script[octet:octet + 1])
        self.assertTrue(client.line().startswith(b"+OK"))
        client.body()
        for _ in range(3):
            self.assertTrue(client.line().startswith(b"+OK"))
        self.assertEqual(b"\r\n".join(client.body()) + b"\r\n", SMALL[1])
        self.assertTrue(client.line().startswith(b"+OK"))
        self.assertTrue(client.rest().startswith(b"+OK"))
        self.assertEqual(self.left(), COUNT - 1)

    def test_what_is_not_tls_behind_stls_ends_the_connection_and_is_never_obeyed(self):
        append(self.stack, self.reader, SMALL)
        login = f"USER {self.reader.address}\r\nPASS {self.reader.password}\r\nDELE 1\r\nQUIT\r\n".encode()
        for garbage in (login, b"\0\0" + os.urandom(4094), b"\x16\x03\x01\xff\xff" + b"x" * 70_000, b"\x80\x2e\x01\x03\x01" + b"\0" * 100, b"\x15\x03\x03\x00\x02\x02\x28"):
            with self.subTest(garbage[:12]):
                client = self.pop3()
                self.assertTrue(client.ask(b"STLS\r\n").startswith(b"+OK"))
                client.send(garbage)
                self.assertNotIn(b"+OK", client.rest())
        for pipelined in (b"STLS\r\n" + login, b"STLS\r\nSTLS\r\n", b"STLS\r\n\x16\x03\x01"):
            with self.subTest(pipelined):
                client = self.pop3()
                client.send(pipelined)
                self.assertTrue(client.line().startswith(b"-ERR"))
                self.assertNotIn(b"+OK", client.rest())
        self.assertEqual(self.left(), COUNT)
        self.assert_nobody_is_held()

    def test_a_name_given_before_stls_is_forgotten(self):
        client = self.pop3()
        client.ask(f"USER {self.reader.address}\r\n".encode())
        self.assertTrue(client.ask(b"STLS\r\n").startswith(b"+OK"))
        client.socket = self.stack.tls().wrap_socket(client.socket, server_hostname=self.stack["HOST"])
        self.addCleanup(client.socket.close)
        self.assertTrue(client.ask(f"PASS {self.reader.password}\r\n".encode()).startswith(b"-ERR"))
        self.assertTrue(client.has_logged_in(self.reader))
        self.assertTrue(client.ask(b"STLS\r\n").startswith(b"-ERR"))

    def test_a_tls_client_that_leaves_without_a_farewell_has_quitted_or_not(self):
        """What was deleted depends on QUIT alone, and not on how TLS ends."""
        append(self.stack, self.reader, SMALL)
        for quits, left in ((False, COUNT), (True, COUNT - 1)):
            client = Raw(self.stack, "pop3s")
            client.socket = self.stack.tls().wrap_socket(client.socket, server_hostname=self.stack["HOST"])
            client.line()
            for command in (f"USER {self.reader.address}", f"PASS {self.reader.password}", "DELE 1", *(["QUIT"] if quits else [])):
                self.assertTrue(client.ask(command.encode() + b"\r\n").startswith(b"+OK"))
            socket.socket(fileno=client.socket.detach()).close()
            self.assert_nobody_is_held()
            self.assertEqual(self.left(), left)

    def test_broken_and_cancelled_authentication_leaves_the_session_as_it_was(self):
        client = self.pop3()
        for response in (b"*", b"!!!", b"=AAA", b"AAA=BBB", b"A", b"AA", b"====", b"\0\0", b"\xff\xfe", b"A" * 100_000, b"A" * (MIB - 10), b" AAAA", b"AAAA "):
            for exchange in ((b"AUTH PLAIN",), (b"AUTH LOGIN",), (b"AUTH LOGIN", b"YWxpY2U="), (b"AUTH SCRAM-SHA-256",)):
                with self.subTest(response[:10], exchange=exchange):
                    for line in exchange:
                        self.assertTrue(client.ask(line + b"\r\n").startswith(b"+ "))
                    self.assertTrue(client.ask(response + b"\r\n").startswith(b"-ERR"))
        self.assertTrue(client.has_logged_in(self.reader))


if __name__ == "__main__":
    unittest.main()
