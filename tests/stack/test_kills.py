"""kill -9 of every process at random under a stream of numbered mails and clients that read: each mail arrives exactly once, and mailboxes
hold what clients were told (ARCHITECTURE.md, rule 3)."""

import os
import random
import time
import unittest
from collections import defaultdict

from .bookkeepers import Bookkeeper, ImapBookkeeper, Pop3Bookkeeper
from .harness import StackTest
from .mail_exchanger import DOMAIN, MailExchanger, Taken
from .stubborn import Stubborn
from .troubles import PROGRAMS, check_once, kill, wait_until_ready

COUNT = int(os.environ.get("POSTHOUSE_KILL_MAILS", "2000"))
REMADE_COUNT = int(os.environ.get("POSTHOUSE_REMADE_MAILS", "300"))
MAILS_PER_KILL = 50
MAILS_PER_TURN = 4  # of a client who reads
EVERY = 5  # number of which one goes elsewhere as well
AT_A_TIME = 10  # mails that relayd sends to one domain
VICTIMS = (*PROGRAMS, "postgres", "backend")


class Kills(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.exchanger = MailExchanger()
        cls.addClassCleanup(cls.exchanger.close)
        # What a relayd that was killed had in hand is taken over when its lease ends.
        cls.settings = (*cls.exchanger.settings(), 'smtpd.relay_networks=["127.0.0.0/8"]', "relayd.lease=20s", 'relayd.retry_schedule=["1s"]')
        super().setUpClass()

    def setUp(self):
        self.seed = int(os.environ.get("POSTHOUSE_SEED", random.randrange(2**32)))
        print(f"POSTHOUSE_SEED={self.seed}", flush=True)
        self.chance = random.Random(self.seed)
        self.killed: dict[str, list[tuple[float, float]]] = defaultdict(list)  # by victim: when, and when it ran again

    def kill_under_way(self, sender: Stubborn, *others: Bookkeeper) -> None:
        """Until it has sent everything: each of the victims once before one of them comes again."""
        left = []
        pause = min(MAILS_PER_KILL, sender.count // 6)
        due = pause
        while sender.wait_for(sender.acknowledged + MAILS_PER_TURN if others else due):
            for other in others:
                other.allow()
            if sender.acknowledged < due:
                continue
            due += pause
            left = left or self.chance.sample(VICTIMS, len(VICTIMS))
            victim, begun = left.pop(), time.monotonic()
            kill(self.stack, victim)
            self.killed[victim].append((begun, time.monotonic()))
        sender.finish()
        wait_until_ready(self.stack)
        for other in others:
            other.finish()
            print(f"{type(other).__name__}: {dict(other.done)}, {len(other.troubles)} troubles")
        print(f"{sum(map(len, self.killed.values()))} kills, {len(sender.retries)} of {sender.count} mails sent again")

    def test_every_number_arrives_exactly_once_and_mailboxes_hold_what_clients_were_told(self):
        reader, other, popper = (self.stack.account(name) for name in ("reader", "other", "popper"))
        with self.stack.imap(reader) as client:
            client.create("Work")
        desks = [ImapBookkeeper(self.stack, reader, self.seed + number, ("Work", "Archive"), range(number * 10_000, (number + 1) * 10_000))
                 for number in range(2)]
        fetcher = Pop3Bookkeeper(self.stack, popper, self.seed)
        sender = Stubborn(self.stack, [reader.address, other.address, popper.address], COUNT,
                          more=lambda number: [f"friend@{DOMAIN}"] if number % EVERY == 0 else [])
        self.kill_under_way(sender, *desks, fetcher)
        for account in (reader, other):
            check_once(self, self.stack, account, sender.subjects())
        fetcher.fetch_all(sender.subjects(), self)
        desks[0].check(self, desks[1])
        self.check_elsewhere([sender.subject(number) for number in range(0, COUNT, EVERY)])

    def check_elsewhere(self, expected: list[str]) -> None:
        """Each number arrived there once. A relayd that is killed between the other side's 250 and its own commit cannot know of it (RFC 5321
        §6.1): such a mail arrives again, and under the same queue id."""
        arrivals: dict[str, list[Taken]] = defaultdict(list)
        for taken in self.exchanger.taken:
            arrivals[taken.subject].append(taken)
        self.assertEqual(sorted(arrivals), sorted(expected))
        again = {subject: taken for subject, taken in arrivals.items() if len(taken) > 1}
        for subject, taken in again.items():
            self.assertEqual(len({one.queue_id for one in taken}), 1, f"two mails were made of {subject}")
            for before, after in zip(taken, taken[1:]):
                self.assertTrue(any(before.at < ended and begun < after.at for begun, ended in self.killed["relayd"]),
                                f"{subject} was sent again though relayd was not killed")
        print(f"{len(expected)} mails for elsewhere, {len(again)} of them sent again for {len(self.killed['relayd'])} deaths of relayd")
        self.assertLessEqual(len(again), AT_A_TIME * len(self.killed["relayd"]))

    def test_a_reader_who_was_removed_and_made_again_loses_nothing(self):
        reader = self.stack.account("reader")
        Stubborn(self.stack, [reader.address], 20).finish()  # now every program remembers the account that goes
        self.assertEqual(self.stack.mailctl("user", "remove", reader.address).returncode, 0)
        again = self.stack.mailctl("user", "add", reader.address, "--password-stdin", secret=reader.password)
        self.assertEqual(again.returncode, 0, again.stderr)
        sender = Stubborn(self.stack, [reader.address], REMADE_COUNT)
        self.kill_under_way(sender)
        check_once(self, self.stack, reader, sender.subjects())


if __name__ == "__main__":
    unittest.main()
