"""kill -9 of every process at random under a stream of numbered mails: each arrives exactly once (ARCHITECTURE.md, rule 3)."""

import os
import random
import unittest

from .harness import StackTest
from .stubborn import Stubborn
from .troubles import PROGRAMS, check_once, kill, wait_until_ready

COUNT = int(os.environ.get("POSTHOUSE_KILL_MAILS", "2000"))
REMADE_COUNT = int(os.environ.get("POSTHOUSE_REMADE_MAILS", "300"))
MAILS_PER_KILL = 50
VICTIMS = (*PROGRAMS, "postgres", "backend")


class Kills(StackTest):
    def setUp(self):
        seed = int(os.environ.get("POSTHOUSE_SEED", random.randrange(2**32)))
        print(f"POSTHOUSE_SEED={seed}")
        self.chance = random.Random(seed)

    def kill_under_way(self, sender: Stubborn) -> None:
        """Until it has sent everything: each of the victims once before one of them comes again."""
        left = []
        kills = 0
        pause = min(MAILS_PER_KILL, sender.count // 6)
        while sender.wait_for((kills + 1) * pause):
            if not left:
                left = self.chance.sample(VICTIMS, len(VICTIMS))
            kill(self.stack, left.pop())
            kills += 1
        sender.finish()
        print(f"{kills} kills, {len(sender.retries)} of {sender.count} mails sent again")
        wait_until_ready(self.stack)

    def test_every_number_arrives_exactly_once(self):
        readers = [self.stack.account("reader"), self.stack.account("other")]
        sender = Stubborn(self.stack, [reader.address for reader in readers], COUNT)
        self.kill_under_way(sender)
        for reader in readers:
            check_once(self, self.stack, reader, sender.subjects())

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
