"""A program whose descriptors are used up says so, goes on with those it has, and takes who waits when there are some again."""

import contextlib
import os
import select
import time
import unittest
from pathlib import Path

from .harness import BUILD, StackTest, eventually, mail
from .mail_exchanger import DOMAIN, MailExchanger
from .raw import Raw
from .troubles import answer, metric, sql

CLIENTS = 40  # more than a starved program can take
MEASURED = 2.0  # seconds
SERVERS = {  # by program: port, greeting, a command, its answer
    "smtpd": ("smtp", b"220 ", b"NOOP\r\n", b"250 "),
    "lmtp-delivery": ("lmtp", b"220 ", b"NOOP\r\n", b"250 "),
    "imapd": ("imap", b"* OK", b"a NOOP\r\n", b"a OK"),
    "pop3d": ("pop3", b"+OK", b"CAPA\r\n", b"+OK"),
}


@unittest.skipIf(BUILD.name in ("sanitize", "fuzz"), "UBSan opens a pipe to look at an address, and takes it for a bad one where there is no descriptor")
class Descriptors(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.exchanger = MailExchanger()
        cls.addClassCleanup(cls.exchanger.close)
        cls.settings = (*cls.exchanger.settings(), 'relayd.retry_schedule=["1s"]')
        super().setUpClass()

    @contextlib.contextmanager
    def starved(self, *programs: str, spare: int = 4):
        """No descriptor beyond those that are open, and so many more; afterwards as before."""
        before = {}
        for program in programs:
            pid = self.stack.pid(program)
            limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
            before[pid] = next(line.split()[3:5] for line in limits if line.startswith("Max open files"))
            highest = max(int(name) for name in os.listdir(f"/proc/{pid}/fd"))
            self.limit(pid, highest + 1 + spare, before[pid][1])
        try:
            yield
        finally:
            for pid, limits in before.items():
                self.limit(pid, *limits)
            self.assertEqual(list(before), [self.stack.pid(program) for program in programs], "a program did not live through it")

    def limit(self, pid: int, soft: object, hard: object) -> None:
        owner = os.stat(f"/proc/{pid}")
        be = {} if owner.st_uid == os.getuid() else {"user": owner.st_uid, "group": owner.st_gid}
        self.run_client("prlimit", f"--pid={pid}", f"--nofile={soft}:{hard}", cwd="/", **be)

    def uses_all(self, program: str) -> bool:
        pid = self.stack.pid(program)
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
        most = next(int(line.split()[3]) for line in limits if line.startswith("Max open files"))
        return len(os.listdir(f"/proc/{pid}/fd")) >= most

    def says_so(self, program: str) -> bool:
        """In its log: no descriptor is left to ask the program itself."""
        return any(b"listener.starved" in log.read_bytes() for log in (self.stack.data / "log").glob(f"{program}*"))

    def client(self, port: str) -> Raw:
        client = Raw(self.stack, port)
        self.addCleanup(client.socket.close)
        return client

    @staticmethod
    def those_who_hear(clients: list[Raw], within: float) -> list[Raw]:
        heard = select.select([client.socket for client in clients], [], [], within)[0]
        return [client for client in clients if client.socket in heard]

    def processor_seconds(self, program: str) -> float:
        fields = Path(f"/proc/{self.stack.pid(program)}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_clients_wait_those_that_are_there_are_served_and_all_are_taken_in_the_end(self):
        before = {program: metric(self.stack, program, "posthouse_accept_failures_total") for program in SERVERS}
        served, waiting = {}, {}
        for program, (port, greeting, *_) in SERVERS.items():
            served[program] = self.client(port)
            self.assertTrue(served[program].line().startswith(greeting))
        with self.starved(*SERVERS):
            for program, (port, *_) in SERVERS.items():
                waiting[program] = [self.client(port) for _ in range(CLIENTS)]
            for program in SERVERS:
                eventually(lambda: self.says_so(program))
            spent = {program: self.processor_seconds(program) for program in SERVERS}
            self.let_wait(waiting)
            for program, (_, _, command, reply) in SERVERS.items():
                with self.subTest(program):
                    self.assertLess(self.processor_seconds(program) - spent[program], MEASURED / 4, "it turns in circles")
                    self.assertTrue(served[program].ask(command).startswith(reply))
                    greeted = self.those_who_hear(waiting[program], 0)
                    self.assertLess(len(greeted), CLIENTS)
                    waiting[program] = [client for client in waiting[program] if client not in greeted]
                    for client in greeted:
                        client.socket.close()
                    if greeted:  # those that left have made room
                        eventually(lambda: self.those_who_hear(waiting[program], 0))
        for program, (_, greeting, command, reply) in SERVERS.items():
            with self.subTest(program):
                for client in waiting[program]:
                    self.assertTrue(client.line().startswith(greeting))
                self.assertTrue(waiting[program][-1].ask(command).startswith(reply))
                self.assertGreater(metric(self.stack, program, "posthouse_accept_failures_total"), before[program])
                eventually(lambda: answer(self.stack, program, "/readyz") == 200)

    def let_wait(self, waiting: dict[str, list[Raw]]) -> None:
        """What the programs do meanwhile is measured."""
        end = time.monotonic() + MEASURED
        unheard = [client for clients in waiting.values() for client in clients]
        while (left := end - time.monotonic()) > 0:
            heard = self.those_who_hear(unheard, left)
            unheard = [client for client in unheard if client not in heard]

    def test_a_program_that_cannot_reach_the_database_for_want_of_one_says_so_and_recovers(self):
        reader = self.stack.account("reader")
        with self.stack.imap(reader) as there:
            self.assertEqual(there.status("INBOX", "(MESSAGES)")[0], "OK")
            with self.starved("imapd", spare=0):
                waiting = [self.client("imap") for _ in range(CLIENTS)]
                eventually(lambda: self.uses_all("imapd"))
                cut = sql(self.stack, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'posthouse_imapd'")
                self.assertGreater(int(cut), 0)
                status, said = there.status("INBOX", "(MESSAGES)")  # or a connection took the descriptor of one that was cut
                self.assertTrue(status == "OK" or b"[UNAVAILABLE]" in said[0], said)
            for client in waiting:
                self.assertTrue(client.line().startswith(b"* OK"))
            eventually(lambda: there.status("INBOX", "(MESSAGES)")[0] == "OK")

    def test_mail_for_elsewhere_waits_while_relayd_can_open_no_connection(self):
        sender = self.stack.account("sender")
        with self.starved("relayd", spare=0):
            with self.stack.smtp(sender) as client:
                client.sendmail(sender.address, [f"friend@{DOMAIN}"], mail(sender.address, f"friend@{DOMAIN}", "waits"))
            eventually(lambda: sql(self.stack, "SELECT count(*) FROM posthouse.queue_rcpt WHERE attempts > 0 AND last_error <> ''") == "1")
            self.assertEqual(self.exchanger.count(), 0)
        eventually(lambda: self.exchanger.count() == 1)
        self.assertEqual(self.stack.messages(sender), [], "it was reported as undeliverable")


if __name__ == "__main__":
    unittest.main()
