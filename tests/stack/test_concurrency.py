"""Twenty sessions write to ten accounts at once, through two of every program; those who read end with what PostgreSQL holds."""

import os
import poplib
import random
import smtplib
import threading
import time
import unittest

from .harness import Account, Stack, StackTest, eventually, mail
from .mirror import Listener, Returner
from .troubles import RECOVERED, queue_is_empty
from .wire import Refused, Wire

ACCOUNTS = 10
WRITERS = 20
SECONDS = 8.0
MAILBOXES = ("INBOX", "Archive")  # that are written to
SYSTEM_FLAGS = {1: rb"\Seen", 2: rb"\Flagged", 4: rb"\Answered", 8: rb"\Draft", 16: rb"\Deleted"}


class Concurrency(StackTest):
    settings = ('relayd.retry_schedule=["1s"]',)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = Stack("test_concurrency_other", *cls.settings, options=("--database", cls.stack["DATABASE_URL"]))
        cls.addClassCleanup(cls.other.remove)
        cls.other.start()

    def setUp(self):
        self.seed = int(os.environ.get("POSTHOUSE_SEED", random.randrange(1 << 32)))
        print(f"POSTHOUSE_SEED={self.seed}", flush=True)
        self.accounts = [self.stack.account("busy") for _ in range(ACCOUNTS)]
        self.failures: list[str] = []
        self.done: dict[str, int] = {}
        self.lock = threading.Lock()

    def sql(self, statement: str) -> list[list[str]]:
        done = self.run_client("psql", "-XAtF", "\t", self.stack["DATABASE_URL"], "-c", statement)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def in_threads(self, *jobs):
        """Each with its own source of chance, until the time is over. What fails is told with the seed."""
        end = time.monotonic() + SECONDS

        def run(number, job):
            chance = random.Random(self.seed * 1000 + number)
            try:
                while time.monotonic() < end and not self.failures:
                    job(chance)
            except Exception as error:  # a thread has nobody to throw to
                self.failures.append(f"{job.__name__}: {type(error).__name__}: {error}")

        threads = [threading.Thread(target=run, args=(number, job)) for number, job in enumerate(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.failures, [], f"POSTHOUSE_SEED={self.seed}")

    def count(self, what: str):
        with self.lock:
            self.done[what] = self.done.get(what, 0) + 1

    def anywhere(self, chance: random.Random) -> tuple[Stack, Account]:
        return chance.choice((self.stack, self.other)), chance.choice(self.accounts)

    # What a writer does in a turn.

    def deliver(self, chance: random.Random):
        stack, _ = self.anywhere(chance)
        recipients = [account.address for account in chance.sample(self.accounts, chance.randint(1, 3))]
        with smtplib.LMTP(stack["HOST"], stack.port("lmtp")) as client:
            for _ in range(chance.randint(1, 5)):
                try:
                    client.sendmail("sender@elsewhere.test", recipients, mail("sender@elsewhere.test", "all@mail.test"))
                except smtplib.SMTPDataError as refusal:
                    self.assertEqual(refusal.smtp_code, 450)  # somebody else had the mailbox for too long
                    return
                for _ in recipients[1:]:  # LMTP answers for each; smtplib takes one
                    self.assertIn(client.getreply()[0], (250, 450))
                self.count("delivered")

    def send(self, chance: random.Random):
        stack, account = self.anywhere(chance)
        with stack.smtp() as client:
            client.sendmail("sender@elsewhere.test", [account.address], mail("sender@elsewhere.test", account.address))
        self.count("sent")

    def read_by_pop3(self, chance: random.Random):
        stack, account = self.anywhere(chance)
        client = poplib.POP3(stack["HOST"], stack.port("pop3"), timeout=60)
        try:
            client.user(account.address)
            client.pass_(account.password)
            for _ in range(min(client.stat()[0], chance.randrange(3))):
                client.dele(chance.randint(1, client.stat()[0]))
                self.count("deleted by POP3")
        except poplib.error_proto:  # somebody else has the mailbox, or the message was marked already
            pass
        finally:
            client.quit()

    def work_by_imap(self, chance: random.Random):
        stack, account = self.anywhere(chance)
        with Wire(stack, account) as wire:
            mailbox = chance.choice(("INBOX", *MAILBOXES))
            wire.ask(f"SELECT {mailbox}")
            for _ in range(chance.randint(1, 8)):
                self.change(chance, wire, mailbox)

    def change(self, chance: random.Random, wire: Wire, mailbox: str):
        what = chance.choice(("append", "append", "store", "store", "store", "move", "copy", "expunge"))
        if what == "append":
            try:
                wire.append(mailbox, mail("me@mail.test", "me@mail.test"), chance.choice(("", r"\Seen", r"\Flagged \Seen")))
            except Refused as refusal:
                self.assertIn("[INUSE]", str(refusal))
            return self.count(what)
        found = wire.ask("UID SEARCH ALL")
        uids = next(line for line in found if line.startswith(b"* SEARCH")).split()[2:]
        if not uids:
            return None
        some = b",".join(chance.sample(uids, min(len(uids), chance.randint(1, 5)))).decode()
        target = "Archive" if mailbox == "INBOX" else "INBOX"
        flags = " ".join(chance.sample((r"\Seen", r"\Flagged", r"\Answered", r"\Deleted", "Work", "$Later"), chance.randint(1, 3)))
        command = {"store": f"UID STORE {some} {chance.choice('+-')}FLAGS{chance.choice(('', '.SILENT'))} ({flags})",
                   "move": f"UID MOVE {some} {target}",
                   "copy": f"UID COPY {some} {target}",
                   "expunge": "EXPUNGE"}[what]
        said, _ = wire.try_(command)
        if not said.startswith((b"OK", b"NO [INUSE]")):
            raise AssertionError(f"{command}: {said}")
        return self.count(what)

    def write(self, chance: random.Random):
        chance.choice((self.deliver, self.deliver, self.send, self.read_by_pop3, self.work_by_imap, self.work_by_imap))(chance)

    # Those who read.

    def poller(self, account: Account, mailbox: str):
        """Never sees a UID appear below one that it has seen, whichever program it asks."""
        highest = 0
        seen: set[int] = set()

        def poll(chance: random.Random):
            nonlocal highest, seen
            with Wire(chance.choice((self.stack, self.other)), account) as wire:
                wire.ask(f"EXAMINE {mailbox}")
                for _ in range(chance.randint(1, 10)):
                    lines = wire.ask("UID SEARCH ALL")
                    there = set(map(int, next(line for line in lines if line.startswith(b"* SEARCH")).split()[2:]))
                    late = {uid for uid in there - seen if uid <= highest}
                    assert not late, f"UIDs {sorted(late)} appeared below {highest}"
                    seen |= there
                    highest = max(seen, default=0)
                    self.count("polled")
                    wire.ask("NOOP")
        return poll

    def breaks_off(self, chance: random.Random):
        """A client that dies in the middle of a long answer."""
        stack, account = self.anywhere(chance)
        with Wire(stack, account) as wire:
            wire.ask("EXAMINE INBOX")
            wire.send("FETCH 1:* (FLAGS BODY[])")
            wire.socket.recv(chance.randint(1, 2000))
        self.count("broken off")

    def listening(self, listener: Listener):
        def turn(chance: random.Random):
            listener.turn(chance)
            self.count("listened")
        return turn

    def returner(self, account: Account, returner: Returner):
        def turn(chance: random.Random):
            returner.synchronise(chance.choice((self.stack, self.other)), account)
            self.count("came back")
        return turn

    def held(self, account: Account) -> dict[str, dict[int, frozenset[bytes]]]:
        """What PostgreSQL holds of an account, by mailbox."""
        of_account = f"SELECT account_id FROM posthouse.account WHERE address = '{account.address}'"
        keywords = self.sql(f"SELECT bit, name FROM posthouse.keyword WHERE account_id = ({of_account})")
        names = {1 << int(bit): name.encode() for bit, name in keywords}
        rows = self.sql(f"SELECT name, uid, flags, keywords FROM posthouse.mailbox LEFT JOIN posthouse.msg USING (account_id, mailbox_id) "
                        f"WHERE account_id = ({of_account})")
        held: dict[str, dict[int, frozenset[bytes]]] = {}
        for mailbox, uid, flags, words in rows:
            messages = held.setdefault(mailbox, {})
            if uid:  # otherwise the mailbox is empty
                messages[int(uid)] = frozenset(name for bits, known in ((int(flags), SYSTEM_FLAGS), (int(words), names))
                                               for bit, name in known.items() if bits & bit)
        return held

    def check_counters(self, account: Account, held: dict[str, dict[int, frozenset[bytes]]]):
        """STATUS answers from counters, and they equal what is there."""
        with Wire(self.stack, account) as wire:
            for mailbox, messages in held.items():
                (status,) = wire.ask(f'STATUS "{mailbox}" (MESSAGES UNSEEN UIDNEXT)')
                unseen = sum(rb"\Seen" not in flags for flags in messages.values())
                self.assertIn(b"(MESSAGES %d UNSEEN %d UIDNEXT " % (len(messages), unseen), status)
                self.assertGreater(int(status.rstrip(b")").rpartition(b" ")[2]), max(messages, default=0), status)

    def test_readers_end_with_what_postgresql_holds(self):
        for account in self.accounts:
            with self.stack.imap(account) as client:
                client.append("INBOX", None, None, mail("me@mail.test", "me@mail.test"))
        listeners = [(account, Listener(stack, account, mailbox)) for stack in (self.stack, self.other)
                     for account, mailbox in self.spread(4)]
        returners = [(account, Returner(mailbox)) for account, mailbox in self.spread(4)]
        self.in_threads(*[self.write] * WRITERS,
                        *[self.poller(account, mailbox) for account, mailbox in self.spread(3)],
                        *[self.listening(listener) for _, listener in listeners],
                        *[self.returner(*each) for each in returners],
                        self.breaks_off)
        print(self.done, flush=True)

        eventually(lambda: queue_is_empty(self.stack), within=RECOVERED)  # where a mailbox was busy
        held = {account: self.held(account) for account in self.accounts}
        for mailbox in MAILBOXES:
            self.assertTrue(any(held[account][mailbox] for account in self.accounts), f"nothing is left in {mailbox}")
        for account, listener in listeners:
            self.assertEqual(listener.copy(), held[account][listener.mailbox], f"the listener, POSTHOUSE_SEED={self.seed}")
            listener.close()
        for account, returner in returners:
            returner.synchronise(self.other, account)
            self.assertEqual(returner.messages, held[account][returner.mailbox], f"the returner, POSTHOUSE_SEED={self.seed}")
        for account in self.accounts:
            self.check_counters(account, held[account])
        checked = self.stack.mailctl("db", "check")
        self.assertEqual(checked.returncode, 0, checked.stdout)
        self.assertNotIn("deadlock detected", (self.stack.data / "log" / "postgres.log").read_text(errors="replace"))

    def spread(self, accounts: int) -> list[tuple[Account, str]]:
        """Both mailboxes of so many accounts."""
        return [(account, mailbox) for account in self.accounts[:accounts] for mailbox in MAILBOXES]


if __name__ == "__main__":
    unittest.main()
